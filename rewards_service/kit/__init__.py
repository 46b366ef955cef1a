"""What every feature stands on and what knows no domain: database, time, ids, money, errors, jobs, secrets."""
