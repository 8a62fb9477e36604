#include <leat/messages/batch.hpp>
#include <leat/tests/tsan/run_threads.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>

using namespace leat;
using leat::testing::run_threads;

namespace {

/// Hands batches from one thread to another, as a mailbox does.
class handover {
public:
  void put(batch_ptr b) {
    const std::lock_guard lock{m_};
    waiting_.push_back(std::move(b));
  }

  std::optional<batch_ptr> take() {
    const std::lock_guard lock{m_};
    if (waiting_.empty())
      return std::nullopt;
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }

private:
  std::mutex m_;
  std::deque<batch_ptr> waiting_; // guarded by m_
};

std::int64_t sum_of(const batch_base& b) {
  std::int64_t sum = 0;
  for (const auto n : static_cast<const batch<std::int64_t>&>(b).records())
    sum += n;
  return sum;
}

constexpr std::int64_t batches = 2000;

} // namespace

TEST_CASE("batches that one thread fills and another drops are recycled between them") {
  const auto pool = make_pool<std::int64_t>(4);
  handover mailbox;
  std::int64_t received = 0;
  run_threads(2, [&](std::size_t thread) {
    for (std::int64_t i = 1; i <= batches; ++i) {
      if (thread == 0) {
        auto b = take<std::int64_t>(*pool);
        b->push(i, from_millis(i));
        mailbox.put(std::move(b));
      } else {
        std::optional<batch_ptr> b;
        while (!(b = mailbox.take()))
          std::this_thread::yield();
        received += sum_of(**b);
      }
    }
  });
  CHECK(received == batches * (batches + 1) / 2);
  CHECK(pool->idle() <= 4);
}

TEST_CASE("whoever drops a shared batch last, its next writer sees all readers gone") {
  const auto pool = make_pool<std::int64_t>(2);
  std::array<handover, 2> mailboxes;
  std::array<std::int64_t, 2> received{};
  run_threads(3, [&](std::size_t thread) {
    for (std::int64_t i = 1; i <= batches; ++i) {
      if (thread == 2) {
        auto b = take<std::int64_t>(*pool);
        b->push(i, from_millis(i));
        for (auto& m : mailboxes)
          m.put(b);
      } else {
        std::optional<batch_ptr> b;
        while (!(b = mailboxes[thread].take()))
          std::this_thread::yield();
        received[thread] += sum_of(**b);
      }
    }
  });
  CHECK(received == std::array{batches * (batches + 1) / 2, batches * (batches + 1) / 2});
}

TEST_CASE("a reader that finds itself alone may change what the other has read") {
  const auto pool = make_pool<std::int64_t>();
  for (int round = 0; round < 300; ++round) {
    auto b = take<std::int64_t>(*pool);
    b->push(std::int64_t{1}, from_millis(0));
    std::array<batch_ptr, 2> holders{b, b};
    b.reset();
    std::array<std::int64_t, 2> seen{};
    run_threads(2, [&](std::size_t thread) {
      auto mine = std::move(holders[thread]);
      seen[thread] = sum_of(*mine);
      if (thread == 0) {
        mine.reset();
      } else {
        while (!mine->unique())
          std::this_thread::yield();
        batch<std::int64_t>::of(*mine).push(std::int64_t{2}, from_millis(0));
      }
    });
    REQUIRE(seen == std::array<std::int64_t, 2>{1, 1});
  }
}

TEST_CASE("a pool that its owner lets go of lives until the last batch comes home, on whatever thread") {
  for (int round = 0; round < 300; ++round) {
    auto pool = make_pool<std::int64_t>();
    std::array<batch_ptr, 3> out{pool->take(), pool->take(), pool->take()};
    run_threads(4, [&](std::size_t thread) {
      if (thread == 3)
        pool.reset();
      else
        out[thread].reset();
    });
  }
}
