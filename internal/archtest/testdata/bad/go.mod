module example.com/bad

go 1.26.0

require golang.org/x/sys v0.0.0

replace golang.org/x/sys => ../xsys
