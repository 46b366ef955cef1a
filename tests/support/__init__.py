"""What tests of every kind stand on: servers, fresh databases, a guarded network, made-up programs."""
