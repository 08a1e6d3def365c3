"""The window: shows what `advisor` works out and asks what it needs to know. Nothing is calculated here."""
