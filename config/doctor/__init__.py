"""What `doctor` looks at: each part of the system, tried as its owner would try it."""
