/* PHP in many threads of one process, as thread-safe servers run it: each thread runs the same script over and over,
 * a request each time. Usage: threads EXTENSION SCRIPT THREADS ROUNDS [ARGUMENT...]. Prints TAP. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sapi/embed/php_embed.h>

static const char *script;
static int rounds;
static int failed;

static void *worker(void *number)
{
    ts_resource(0);
    for (int round = 0; round < rounds; round++) {
        int status = 0;
        if (php_request_startup() == FAILURE) {
            __sync_fetch_and_add(&failed, 1);
            break;
        }
        zend_first_try {
            char code[512];
            snprintf(code, sizeof code, "$thread = %d; $round = %d; require '%s';", (int)(size_t)number, round, script);
            if (zend_eval_string_ex(code, NULL, "thread", true) == FAILURE || EG(exit_status) != 0) {
                status = 1;
            }
        } zend_catch {
            status = EG(exit_status) != 0;
        } zend_end_try();
        php_request_shutdown(NULL);
        if (status) {
            __sync_fetch_and_add(&failed, 1);
        }
    }
    ts_free_thread();
    return NULL;
}

int main(int argc, char **argv)
{
    char ini[1024];
    int count = atoi(argv[3]);
    pthread_t threads[64];
    script = argv[2];
    rounds = atoi(argv[4]);
    snprintf(ini, sizeof ini, "extension=%s\ndisplay_errors=1\nhtml_errors=0\nregister_argc_argv=1\n", argv[1]);
    php_embed_module.ini_entries = ini;
    php_embed_module.php_ini_ignore = 1;
    if (php_embed_init(argc - 4, argv + 4) == FAILURE) {
        return 1;
    }
    php_request_shutdown(NULL);
    for (int i = 0; i < count; i++) {
        pthread_create(&threads[i], NULL, worker, (void *)(size_t)i);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    printf("%s 1 - %d threads, %d requests each\n", failed ? "not ok" : "ok", count, rounds);
    php_request_startup();
    php_embed_shutdown();
    printf("ok 2 - the process ends\n");
    return failed != 0;
}
