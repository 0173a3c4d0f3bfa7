"""The second kind of story: clerks leave, are renamed and hand over, what is said is archived, others make codes and links."""
