"""STAGE: letters to providers, reporters, response teams and originators, and their answers."""
