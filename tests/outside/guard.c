/* Logs, for a process and its children, what reaches outside of it: every connection and message to
 * another host, every name that is looked up, and every file or folder that is made or opened for
 * writing. Connections, messages and look-ups are refused; files go through.
 *
 * Loaded by LD_PRELOAD; GUARD_LOG names the log. A seccomp filter lets the kernel stop the system
 * calls, whoever makes them (Python, C, Rust), and the handler of its signal decides. What goes
 * through is called again, with a mark in an argument that the call does not have.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define MARK 0x6a7d
#define WRITING (O_WRONLY | O_RDWR | O_CREAT)
#define ARGUMENT(n) offsetof(struct seccomp_data, args[n])

#define STOP_UNLESS_MARKED                                                  \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(5)),                        \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARK, 1, 0),                        \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),                            \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define STOP(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4), STOP_UNLESS_MARKED
#define STOP_WITH(call, n, bits)                                            \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 6),                        \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(n)),                        \
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 3), STOP_UNLESS_MARKED

static struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    STOP(SYS_connect), STOP(SYS_sendmsg), STOP(SYS_sendmmsg),
    STOP_WITH(SYS_sendto, 4, 0xffffffff),
    STOP_WITH(SYS_openat, 2, WRITING), STOP(SYS_mkdirat), STOP(SYS_renameat2),
#ifdef SYS_renameat
    STOP(SYS_renameat),
#endif
#ifdef SYS_open
    STOP_WITH(SYS_open, 1, WRITING), STOP(SYS_creat), STOP(SYS_mkdir), STOP(SYS_rename),
#endif
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static void tell(const char *what, const char *whom) {
    char line[8192];
    int length = snprintf(line, sizeof line, "%s %s\n", what, whom);
    int log = syscall(SYS_openat, AT_FDCWD, getenv("GUARD_LOG"), O_WRONLY | O_APPEND | O_CREAT, 0600,
                      0, MARK);
    if (log < 0 || write(log, line, length) != length) abort();
    close(log);
}

static void tell_path(int folder, const char *path) {
    char link[64] = "/proc/self/cwd", base[4096] = "", whole[8192];
    if (path[0] != '/') {
        if (folder != AT_FDCWD) snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        if (readlink(link, base, sizeof base - 1) < 0) abort();
    }
    snprintf(whole, sizeof whole, "%s%s%s", base, path[0] == '/' ? "" : "/", path);
    tell("write", whole);
}

/* Whether an address is another host's; it is told then. */
static int told_host(const char *what, const struct sockaddr *address) {
    char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
    if (!address) return 0;
    if (address->sa_family != AF_INET && address->sa_family != AF_INET6) return 0;
    socklen_t size = address->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                                   : sizeof(struct sockaddr_in6);
    getnameinfo(address, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    char whom[NI_MAXHOST + NI_MAXSERV + 1];
    snprintf(whom, sizeof whom, "%s:%s", host, port);
    tell(what, whom);
    return 1;
}

static long again(long call, const long *a) {
    long done = syscall(call, a[0], a[1], a[2], a[3], a[4], MARK);
    return done < 0 ? -errno : done;
}

static long decide(long call, const long *a) {
    switch (call) {
    case SYS_connect:
        return told_host("connect", (void *)a[1]) ? -ENETUNREACH : again(call, a);
    case SYS_sendmsg:
        return told_host("send", ((struct msghdr *)a[1])->msg_name) ? -ENETUNREACH : again(call, a);
    case SYS_sendmmsg: {
        struct mmsghdr *all = (void *)a[1];
        for (long i = 0; i < a[2]; i++)
            if (told_host("send", all[i].msg_hdr.msg_name)) return -ENETUNREACH;
        return again(call, a);
    }
    case SYS_sendto: { /* has no argument to spare */
        if (told_host("send", (void *)a[4])) return -ENETUNREACH;
        struct iovec part = {(void *)a[1], a[2]};
        struct msghdr message = {.msg_name = (void *)a[4], .msg_namelen = a[5],
                                 .msg_iov = &part, .msg_iovlen = 1};
        long sending[6] = {a[0], (long)&message, a[3]};
        return again(SYS_sendmsg, sending);
    }
    case SYS_openat:
    case SYS_mkdirat:
        tell_path(a[0], (char *)a[1]);
        return again(call, a);
    case SYS_renameat2:
#ifdef SYS_renameat
    case SYS_renameat:
#endif
        tell_path(a[2], (char *)a[3]);
        return again(call, a);
#ifdef SYS_open
    case SYS_open:
    case SYS_creat:
    case SYS_mkdir:
        tell_path(AT_FDCWD, (char *)a[0]);
        return again(call, a);
    case SYS_rename:
        tell_path(AT_FDCWD, (char *)a[1]);
        return again(call, a);
#endif
    }
    abort();
}

static void stopped(int signal, siginfo_t *info, void *context) {
    int before = errno;
    ucontext_t *state = context;
#if defined(__x86_64__)
    greg_t *r = state->uc_mcontext.gregs;
    long arguments[6] = {r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]};
    r[REG_RAX] = decide(info->si_syscall, arguments);
#elif defined(__aarch64__)
    unsigned long long *r = state->uc_mcontext.regs;
    long arguments[6] = {r[0], r[1], r[2], r[3], r[4], r[5]};
    r[0] = decide(info->si_syscall, arguments);
#else
#error "this processor's registers are not known here"
#endif
    (void)signal;
    errno = before;
}

__attribute__((constructor)) static void begin(void) {
    struct sigaction action = {.sa_sigaction = stopped, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (!getenv("GUARD_LOG") || sigaction(SIGSYS, &action, NULL)) abort();
    if (prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER && getenv("GUARD_STANDS")) return;
    setenv("GUARD_STANDS", "1", 1); /* a filter outlives exec, its handler does not */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) abort();
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) abort();
}

/* A look-up need not reach the network from this process: a local resolver may do it. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    (void)service, (void)hints, (void)found;
    tell("lookup", node ? node : "(this machine)");
    return EAI_FAIL;
}

struct hostent *gethostbyname(const char *name) {
    tell("lookup", name);
    h_errno = HOST_NOT_FOUND;
    return NULL;
}
