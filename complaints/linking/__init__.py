"""STAGE: parsed to linked. From a complaint to the very messages our servers handled."""
