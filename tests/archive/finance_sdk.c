/* A library of our own with the symbols of the vendor's, for tests: no network, no cipher of WeCom's.
 *
 * The "secret" is a directory that says what it does:
 *   page-<seq>            what GetChatData answers behind a seq; without it an empty list
 *   media-<sdkfileid>     a file, served in pieces of 512 KB
 *   return-<Function>     a return code; do-<Function>: hang, crash or print
 * It writes there: asked (proxy, password, time-out of the last call) and live (what was made and not freed, so far).
 * A message is hex, each byte XORed with the random key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { char *buf; int len; } Slice_t;
typedef struct { char *outindexbuf; int out_len; char *data; int data_len; int is_finish; } MediaData_t;
typedef struct { char corp[64]; } WeWorkFinanceSdk_t;

enum { PIECE = 512 * 1024 };
static char dir[1024];
static long live;

static char *path(const char *what, const char *name) {
  static char whole[2048];
  snprintf(whole, sizeof whole, "%s/%s%s", dir, what, name);
  return whole;
}

static void note(const char *name, const char *text) {
  FILE *file = fopen(path(name, ""), "w");
  if (file) { fputs(text, file); fclose(file); }
}

static void count(long by) {
  char text[32];
  live += by;
  snprintf(text, sizeof text, "%ld", live);
  if (dir[0]) note("live", text);
}

static char *slurp(const char *name, long *size) {
  FILE *file = fopen(name, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  char *text = malloc(*size + 1);
  if (fread(text, 1, *size, file) != (size_t)*size) { /* shorter than it was */ }
  text[*size] = 0;
  fclose(file);
  return text;
}

/* What this function is told to do, and the code that it is told to return. */
static int told(const char *function) {
  long size;
  int code = 0;
  char *text = slurp(path("do-", function), &size);
  if (text) {
    if (!strncmp(text, "crash", 5)) abort();
    if (!strncmp(text, "hang", 4)) for (;;) sleep(60);
    if (!strncmp(text, "print", 5)) { puts("chatter of the library"); fflush(stdout); }
    free(text);
  }
  if ((text = slurp(path("return-", function), &size))) { code = atoi(text); free(text); }
  return code;
}

static void asked(const char *proxy, const char *passwd, int timeout) {
  char text[1024];
  snprintf(text, sizeof text, "%s %s %d", proxy, passwd, timeout);
  note("asked", text);
}

WeWorkFinanceSdk_t *NewSdk(void) { count(1); return calloc(1, sizeof(WeWorkFinanceSdk_t)); }

int Init(WeWorkFinanceSdk_t *sdk, const char *corpid, const char *secret) {
  snprintf(sdk->corp, sizeof sdk->corp, "%s", corpid);
  snprintf(dir, sizeof dir, "%s", secret);
  return told("Init");
}

void DestroySdk(WeWorkFinanceSdk_t *sdk) { free(sdk); count(-1); }

Slice_t *NewSlice(void) { count(1); return calloc(1, sizeof(Slice_t)); }

void FreeSlice(Slice_t *slice) {
  if (slice->buf) { free(slice->buf); count(-1); }
  free(slice);
  count(-1);
}

char *GetContentFromSlice(Slice_t *slice) { return slice->buf; }
int GetSliceLen(Slice_t *slice) { return slice->len; }

static int fill(Slice_t *slice, char *text, long size) {
  count(1);
  slice->buf = text;
  slice->len = (int)size;
  return 0;
}

int GetChatData(WeWorkFinanceSdk_t *sdk, unsigned long long seq, unsigned int limit, const char *proxy, const char *passwd,
                int timeout, Slice_t *slice) {
  char name[32];
  long size;
  int code;
  asked(proxy, passwd, timeout);
  if (!sdk || limit > 1000) return 10000;
  snprintf(name, sizeof name, "%llu", seq);
  char *text = slurp(path("page-", name), &size);
  if (!text) { text = strdup("{\"errcode\":0,\"errmsg\":\"ok\",\"chatdata\":[]}"); size = (long)strlen(text); }
  fill(slice, text, size); /* also where it fails: the caller has to free it all the same */
  code = told("GetChatData");
  return code;
}

int DecryptData(const char *key, const char *message, Slice_t *slice) {
  long size = (long)strlen(message) / 2;
  size_t length = strlen(key);
  int code = told("DecryptData");
  char *text = malloc(size + 1);
  for (long at = 0; at < size; at++) {
    unsigned int byte;
    sscanf(message + 2 * at, "%2x", &byte);
    text[at] = (char)(byte ^ (unsigned char)key[at % length]);
  }
  text[size] = 0;
  fill(slice, text, size);
  return code ? code : text[0] == '{' ? 0 : 10008;
}

MediaData_t *NewMediaData(void) { count(1); return calloc(1, sizeof(MediaData_t)); }

void FreeMediaData(MediaData_t *media) {
  if (media->data) { free(media->data); count(-1); }
  if (media->outindexbuf) { free(media->outindexbuf); count(-1); }
  free(media);
  count(-1);
}

int GetMediaData(WeWorkFinanceSdk_t *sdk, const char *index, const char *fileid, const char *proxy, const char *passwd,
                 int timeout, MediaData_t *media) {
  long size, from = 0;
  char next[64];
  (void)sdk;
  asked(proxy, passwd, timeout);
  char *whole = slurp(path("media-", fileid), &size);
  if (!whole) return 10005;
  if (*index) sscanf(index, "Range:bytes=%ld-", &from);
  long length = size - from < PIECE ? size - from : PIECE;
  media->data = malloc(length + 1);
  memcpy(media->data, whole + from, length);
  free(whole);
  media->data_len = (int)length;
  media->is_finish = from + length >= size;
  snprintf(next, sizeof next, "Range:bytes=%ld-%ld", from + length, from + length + PIECE - 1);
  media->outindexbuf = strdup(media->is_finish ? "" : next);
  media->out_len = (int)strlen(media->outindexbuf);
  count(2);
  return told("GetMediaData");
}

char *GetOutIndexBuf(MediaData_t *media) { return media->outindexbuf; }
int GetIndexLen(MediaData_t *media) { return media->out_len; }
char *GetData(MediaData_t *media) { return media->data; }
int GetDataLen(MediaData_t *media) { return media->data_len; }
int IsMediaDataFinish(MediaData_t *media) { return media->is_finish; }
