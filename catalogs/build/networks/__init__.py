"""Architectures of public models with random weights, and what their operators have to do: facts for the forecasts.

Needs torch 2.14, torchvision 0.29, timm 1.0.31 and transformers in a Python of its own (no part of the program or of its tests):
python -m catalogs.build.networks writes catalogs/sources/model_work.csv.xz. Only shapes are worked out (torch's meta
device): no weights are loaded and nothing is timed.
"""
