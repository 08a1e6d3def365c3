"""Networks that makers of small accelerators publish times of, after the papers that describe them."""
