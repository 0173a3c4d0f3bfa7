"""The mirror of WeCom's moments: what is listed, who published, who sees it, who liked and commented."""
