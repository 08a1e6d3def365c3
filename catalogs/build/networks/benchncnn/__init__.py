"""The networks of the ncnn benchmark, after its public graph files."""
