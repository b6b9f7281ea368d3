#include <math.h>
#include <pthread.h>
#include <sys/random.h>
#include <node_api.h>

static void *work(void *x) { *(double *)x = pow(*(double *)x, 2); return x; }

static napi_value squared(napi_env env, napi_callback_info info)
{
    size_t count = 1;
    double x = 0;
    unsigned char bytes[8];
    pthread_t thread;
    napi_value argument, result;
    napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
    napi_get_value_double(env, argument, &x);
    if (getentropy(bytes, sizeof bytes) || pthread_create(&thread, NULL, work, &x) || pthread_join(thread, NULL))
        x = -1;
    napi_create_double(env, x, &result);
    return result;
}

NAPI_MODULE_INIT()
{
    napi_value function;
    napi_create_function(env, "squared", NAPI_AUTO_LENGTH, squared, NULL, &function);
    napi_set_named_property(env, exports, "squared", function);
    return exports;
}
