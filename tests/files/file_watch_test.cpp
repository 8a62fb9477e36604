#include <leat/connectors/files/file_watch.hpp>
#include <leat/tests/support/wait_until.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <future>

using namespace leat;
using namespace leat::testing;

namespace {

constexpr auto patience = std::chrono::seconds{20};
constexpr auto often = std::chrono::milliseconds{1};

/// A watch of a file system that does not answer for the path `hung` before it is told to.
struct hung_file_system {
  int first = 0, second = 0; // who waits
  std::atomic<bool> asked{false};
  std::promise<void> answer;
  std::shared_future<void> answered = answer.get_future().share();
  file_watch watch{1ms, [this](const std::string& path) -> std::optional<file_facts> {
                     if (path != "hung")
                       return std::nullopt;
                     asked = true;
                     answered.wait();
                     return std::nullopt;
                   }};
};

} // namespace

TEST_CASE("a file system that does not answer keeps nobody from waiting and forgetting") {
  std::atomic<int> woken{0};
  hung_file_system f;
  f.watch.wait_for_change(&f.first, "hung", file_facts{}, [&] { ++woken; });
  wait_until(
    "the question", patience, [&] { return f.asked.load(); }, often);
  auto others = std::async(std::launch::async, [&] {
    f.watch.wait_for_change(&f.second, "another", std::nullopt, [] {});
    f.watch.forget(&f.first);
  });
  CHECK(others.wait_for(patience) == std::future_status::ready);
  const auto before = f.watch.looks();
  f.answer.set_value();
  wait_until(
    "a look further", patience, [&] { return f.watch.looks() > before; }, often);
  CHECK(woken == 0); // the answer came after it was forgotten
}

TEST_CASE("who waits for a change that does not come is woken at the look it has named") {
  std::atomic<std::uint64_t> woken_at{0};
  file_watch watch{1ms};
  const auto named = watch.looks() + 5;
  watch.wait_for_change(
    &watch, "none", std::nullopt, [&] { woken_at = watch.looks(); }, named);
  wait_until(
    "waking", patience, [&] { return woken_at > 0; }, often);
  CHECK(woken_at >= named);
}
