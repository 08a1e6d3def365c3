"""Widgets that know nothing of the wizard's questions."""
