"""Architectures of public models with random weights, and what their operators have to do: facts for the forecasts.

Needs torch, torchvision, timm and transformers in a Python of its own (no part of the program or of its tests):
python -m catalogs.build.networks writes catalogs/sources/model_work.csv.xz. Only shapes are worked out (torch's meta
device): no weights are loaded and nothing is timed.
"""
