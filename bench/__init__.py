"""What `make bench` measures, printed beside what was promised. No test ever asserts a time."""
