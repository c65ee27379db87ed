/* The bare loop, compiled: passes each line on to everybody else. HOST PORT, until it is killed.
   Linux alone: with epoll(7) a turn costs no more with thousands of connections than with ten. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 20100
#define ROOM 8192
#define AT_ONCE 256

struct guest {
    int sock, has_name, place;
    size_t used;
    char name[64];
    char rest[ROOM];
};

static struct guest *members[MOST];
static int count, listener, watch;

static void pass_on(struct guest *who, const char *line, size_t length) {
    char said[ROOM + 80];
    int size;
    if (!who->has_name && count < MOST) {
        snprintf(who->name, sizeof who->name, "%.*s", (int)length, line);
        who->has_name = 1;
        who->place = count;
        members[count++] = who;
        send(who->sock, "OK\n", 3, 0);
        return;
    }
    size = snprintf(said, sizeof said, "%s: %.*s\n", who->name, (int)length, line);
    for (int at = 0; at < count; at++)
        if (members[at] != who)
            send(members[at]->sock, said, (size_t)size, 0);
}

/* Whether the connection is still there. */
static int hear(struct guest *who) {
    ssize_t got = recv(who->sock, who->rest + who->used, ROOM - who->used, 0);
    char *line = who->rest, *end;
    if (got <= 0)
        return 0;
    who->used += (size_t)got;
    while ((end = memchr(line, '\n', who->used - (size_t)(line - who->rest)))) {
        pass_on(who, line, (size_t)(end - line));
        line = end + 1;
    }
    who->used -= (size_t)(line - who->rest);
    memmove(who->rest, line, who->used);
    return who->used < ROOM;
}

static void let_in(void) {
    int sock, on = 1;
    while ((sock = accept(listener, NULL, NULL)) >= 0) {
        struct guest *who = calloc(1, sizeof *who);
        struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = who};
        if (!who || epoll_ctl(watch, EPOLL_CTL_ADD, sock, &wanted)) {
            close(sock);
            free(who);
            continue;
        }
        who->sock = sock;
        setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        send(sock, "NICK\n", 5, 0);
    }
}

static void let_go(struct guest *who) {
    close(who->sock);
    if (who->has_name) {
        members[who->place] = members[--count];
        members[who->place]->place = who->place;
    }
    free(who);
}

int main(int words, char **word) {
    struct sockaddr_in here = {.sin_family = AF_INET};
    struct epoll_event wanted = {.events = EPOLLIN}, ready[AT_ONCE];
    int on = 1, some;
    if (words != 3 || inet_pton(AF_INET, word[1], &here.sin_addr) != 1)
        return 4;
    here.sin_port = htons((unsigned short)atoi(word[2]));
    signal(SIGPIPE, SIG_IGN);
    watch = epoll_create1(0);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, SOMAXCONN) ||
        epoll_ctl(watch, EPOLL_CTL_ADD, listener, &wanted)) {
        perror("fan_out");
        return 1;
    }
    puts("Server menunggu koneksi...");
    fflush(stdout);
    while ((some = epoll_wait(watch, ready, AT_ONCE, -1)) > 0)
        for (int at = 0; at < some; at++) {
            struct guest *who = ready[at].data.ptr;
            if (!who)
                let_in();
            else if (!hear(who))
                let_go(who);
        }
    return 1;
}
