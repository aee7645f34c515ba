"""The sites that may be asked: their entries, what each holds, how they are checked."""
