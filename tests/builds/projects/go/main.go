package main

/*
#cgo LDFLAGS: -lm
#include <math.h>
#include <pthread.h>
#include <sys/random.h>
static void *work(void *x) { *(double *)x = pow(*(double *)x, 2); return x; }
static double squared(double x)
{
	unsigned char bytes[8];
	pthread_t thread;
	if (getentropy(bytes, sizeof bytes) || pthread_create(&thread, 0, work, &x) || pthread_join(thread, 0)) return -1;
	return x;
}
*/
import "C"

import (
	"fmt"
	"os/user"
)

//export Squared
func Squared(x C.double) C.double { return C.squared(x) }

func main() {
	if _, err := user.LookupId("0"); err != nil {
		panic(err)
	}
	fmt.Println("hello", C.squared(6))
}
