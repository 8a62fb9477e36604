#include <leat/pipeline/control/control_socket.hpp>

#include <leat/base/error.hpp>
#include <leat/tests/support/temporary_folder.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace leat;
using namespace leat::testing;

namespace {

constexpr std::chrono::seconds patience{10};

std::string echo(const std::string& request) {
  if (request == "fail")
    throw std::runtime_error{"no"};
  return "you said " + request;
}

} // namespace

TEST_CASE("a job is asked in its directory, as often as one likes") {
  const temporary_folder state;
  const control_socket job{state.path(), echo};
  CHECK(ask_job(state.path(), "savepoint", patience) == "you said savepoint");
  CHECK(ask_job(state.path(), "again", patience) == "you said again");
  CHECK(ask_job(state.path(), "fail", patience) == "failed no");
}

TEST_CASE("the path of the directory may be longer than a socket's") {
  const temporary_folder state;
  const auto deep = state.path(std::string(100, 'd')) + "/" + std::string(100, 'e');
  std::filesystem::create_directories(deep);
  const control_socket job{deep, echo};
  CHECK(ask_job(deep, "hello", patience) == "you said hello");
}

TEST_CASE("who asks a job that may open no more files waits until it may, and the job rests meanwhile") {
  const temporary_folder state;
  const control_socket job{state.path(), echo};
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next[] = {::dup(0), ::dup(0)}; // the two that `ask_job` will open
  ::close(next[0]);
  ::close(next[1]);
  auto less = before;
  less.rlim_cur = static_cast<rlim_t>(next[1]) + 1;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &less) == 0);
  auto answer = std::async(std::launch::async, [&] { return ask_job(state.path(), "hello", patience); });
  const auto busy = std::clock();
  CHECK(answer.wait_for(std::chrono::milliseconds{500}) == std::future_status::timeout);
  CHECK(std::clock() - busy < CLOCKS_PER_SEC / 4);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(answer.get() == "you said hello");
}

TEST_CASE("where no job runs, that is the answer") {
  const temporary_folder state;
  CHECK_THROWS_WITH(ask_job(state.path(), "savepoint", patience), Catch::Contains("no job runs there"));
  CHECK_THROWS_AS(ask_job(state.path("nowhere"), "savepoint", patience), connector_error);
}

TEST_CASE("a socket that a killed process has left is no obstacle") {
  const temporary_folder state;
  std::filesystem::create_directory(state.path("folder"));
  const auto left = ::fork();
  if (left == 0) {
    const control_socket job{state.path("folder"), echo};
    ::_exit(0); // without its destructor
  }
  int status = 0;
  REQUIRE(::waitpid(left, &status, 0) == left);
  REQUIRE(std::filesystem::exists(state.path("folder/control")));
  CHECK_THROWS_WITH(ask_job(state.path("folder"), "x", patience), Catch::Contains("no job runs there"));
  const control_socket job{state.path("folder"), echo};
  CHECK(ask_job(state.path("folder"), "x", patience) == "you said x");
}
