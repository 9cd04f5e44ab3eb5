"""Parts of `coadapt value`: tables, pictures and the page that shows them."""
