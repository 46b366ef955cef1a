"""Each goal of speed as a command, with its floor measured in the same run."""
