#include "pretended_system.hpp"

#include <atomic>
#include <csignal>
#include <ctime>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace leat::testing {

namespace {

constexpr std::time_t minute = 60, ahead = 3 * 24 * 60 * minute; // so that Kafka refuses records: more than an hour
constexpr long nfs = 0x6969;

std::atomic<std::time_t> jumped{0}; // seconds
std::atomic<bool> all_on_nfs{false};

extern "C" void jump(int) { jumped = jumped == 0 ? ahead : -50 * minute; }

} // namespace

void pretend_system(bool on_nfs) {
  all_on_nfs = on_nfs;
  struct sigaction jumps {};
  jumps.sa_handler = jump;
  jumps.sa_flags = SA_RESTART;
  sigaction(SIGUSR2, &jumps, nullptr);
}

} // namespace leat::testing

/// These take the place of the C library's, also for the libraries that the program is linked with.
extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
  if (clock == CLOCK_REALTIME)
    now->tv_sec += leat::testing::jumped;
  return result;
}

/// A deadline by the wall clock that jumped is made one by the clock that the system waits by.
extern "C" int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  using function = int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*);
  static const auto wait = reinterpret_cast<function>(dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2"));
  constexpr std::time_t no_steady_clock = 1'000'000'000; // is up for thirty years
  auto deadline = *until;
  if (deadline.tv_sec > no_steady_clock)
    deadline.tv_sec -= leat::testing::jumped;
  return wait(condition, mutex, &deadline);
}

extern "C" int statfs(const char* path, struct statfs* found) noexcept {
  const auto result = static_cast<int>(syscall(SYS_statfs, path, found));
  if (leat::testing::all_on_nfs)
    found->f_type = leat::testing::nfs;
  return result;
}
