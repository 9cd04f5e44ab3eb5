"""Read data sets in the form in which they were published, one file a data set or file format."""
