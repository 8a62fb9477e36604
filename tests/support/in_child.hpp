#pragma once

#include <functional>

#include <sys/wait.h>
#include <unistd.h>

namespace leat::testing {

/// Runs `body` in a process of its own and returns its exit code, or -1 when a signal killed it or `body` threw.
inline int in_child(const std::function<int()>& body) {
  const auto child = ::fork();
  if (child == 0)
    [&]() noexcept { ::_exit(body()); }(); // the child runs nothing else of the tests
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace leat::testing
