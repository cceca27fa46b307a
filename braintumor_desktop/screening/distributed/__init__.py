"""An archive screened on a cluster: the only room that knows Dask. The desktop app lacks it."""
