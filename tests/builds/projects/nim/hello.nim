import std/[math, sysrand]
doAssert urandom(8).len == 8
echo "hello ", pow(6.0, 2.0).int
