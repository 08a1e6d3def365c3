"""Edgewise's thinking: where should a small firm run its AI model?

Read in this order: `need` (what the owner told us), `model_profile` and `measurement` (what we know of the
model), `catalog` (what can be bought or rented), `forecast`, `load`, `cost` and `options` (what each choice
would do), `recommend` (which one, and how sure), `explain` (the same in plain words), `report` (the PDF).

Values go in and values come out. Nothing here knows a window, and nothing reads a clock or draws a random
number that was not passed in.
"""

__version__ = "0.1.0"
