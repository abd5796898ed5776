"""STAGE: the public notice: written, approved by another, published, corrected, withdrawn."""
