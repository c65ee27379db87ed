/* The bare loop, compiled: passes each line on to everybody else. HOST PORT, until it is killed. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 20100
#define ROOM 8192

struct guest {
    int has_name;
    size_t used;
    char name[64];
    char rest[ROOM];
};

static struct pollfd watched[MOST];
static struct guest *guests[MOST];
static int count = 1;

static void pass_on(int from, const char *line, size_t length) {
    struct guest *who = guests[from];
    char said[ROOM + 80];
    int size;
    if (!who->has_name) {
        snprintf(who->name, sizeof who->name, "%.*s", (int)length, line);
        who->has_name = 1;
        send(watched[from].fd, "OK\n", 3, 0);
        return;
    }
    size = snprintf(said, sizeof said, "%s: %.*s\n", who->name, (int)length, line);
    for (int at = 1; at < count; at++)
        if (at != from && guests[at]->has_name)
            send(watched[at].fd, said, (size_t)size, 0);
}

/* Whether the connection is still there. */
static int hear(int at) {
    struct guest *who = guests[at];
    ssize_t got = recv(watched[at].fd, who->rest + who->used, ROOM - who->used, 0);
    char *line = who->rest, *end;
    if (got <= 0)
        return 0;
    who->used += (size_t)got;
    while ((end = memchr(line, '\n', who->used - (size_t)(line - who->rest)))) {
        pass_on(at, line, (size_t)(end - line));
        line = end + 1;
    }
    who->used -= (size_t)(line - who->rest);
    memmove(who->rest, line, who->used);
    return who->used < ROOM;
}

static void let_in(void) {
    int sock = accept(watched[0].fd, NULL, NULL), on = 1;
    struct guest *who = sock < 0 || count == MOST ? NULL : calloc(1, sizeof *who);
    if (!who) {
        if (sock >= 0)
            close(sock);
        return;
    }
    setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watched[count].fd = sock;
    watched[count].events = POLLIN;
    watched[count].revents = 0;
    guests[count++] = who;
    send(sock, "NICK\n", 5, 0);
}

static void let_go(int at) {
    close(watched[at].fd);
    free(guests[at]);
    count--;
    watched[at] = watched[count];
    guests[at] = guests[count];
}

int main(int words, char **word) {
    struct sockaddr_in here = {.sin_family = AF_INET};
    int on = 1;
    if (words != 3 || inet_pton(AF_INET, word[1], &here.sin_addr) != 1)
        return 4;
    here.sin_port = htons((unsigned short)atoi(word[2]));
    signal(SIGPIPE, SIG_IGN);
    watched[0].fd = socket(AF_INET, SOCK_STREAM, 0);
    watched[0].events = POLLIN;
    setsockopt(watched[0].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(watched[0].fd, (struct sockaddr *)&here, sizeof here) || listen(watched[0].fd, SOMAXCONN)) {
        perror("fan_out");
        return 1;
    }
    puts("Server menunggu koneksi...");
    fflush(stdout);
    while (poll(watched, (nfds_t)count, -1) > 0) {
        /* From the last to the first: who goes is replaced by one that was looked at already. */
        for (int at = count - 1; at > 0; at--)
            if (watched[at].revents && !hear(at))
                let_go(at);
        if (watched[0].revents)
            let_in();
    }
    return 1;
}
