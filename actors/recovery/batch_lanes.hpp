#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace leat {

/// Threads that work on batches side by side: each has a lane, whose batches it takes one after the other.
///
/// `push` and `finish` come from one thread. Few batches wait at a time, so `push` may block. The first batch that fails ends the
/// work: those behind it, in all lanes, are dropped.
template <class Batch>
class batch_lanes {
public:
  using work = std::function<void(const Batch&)>;

  /// @param does the work on a batch; for batches of different lanes at the same time.
  batch_lanes(std::size_t lanes, work does) : does_{std::move(does)}, lanes_(lanes) {
    for (auto& l : lanes_)
      threads_.emplace_back([this, &l] { run(l); });
  }

  ~batch_lanes() { join(); }

  batch_lanes(const batch_lanes&) = delete;
  batch_lanes& operator=(const batch_lanes&) = delete;

  /// @throws what the work on an earlier batch threw.
  void push(std::size_t lane, Batch batch) {
    std::unique_lock lock{m_};
    auto& to = lanes_[lane];
    changed_.wait(lock, [&] { return failure_ || to.size() < most_waiting; });
    if (failure_)
      std::rethrow_exception(failure_);
    to.push_back(std::move(batch));
    changed_.notify_all();
  }

  /// All work is done. Nothing is pushed afterwards. @throws what it threw.
  void finish() {
    join();
    if (failure_)
      std::rethrow_exception(failure_);
  }

private:
  using lane = std::deque<Batch>;
  static constexpr std::size_t most_waiting = 4;

  void run(lane& of) noexcept {
    std::unique_lock lock{m_};
    for (;;) {
      changed_.wait(lock, [&] { return failure_ || over_ || !of.empty(); });
      if (failure_ || of.empty())
        return;
      {
        const auto batch = std::move(of.front());
        of.pop_front();
        changed_.notify_all();
        lock.unlock();
        try {
          does_(batch);
        } catch (...) {
          const std::lock_guard failed{m_};
          failure_ = failure_ ? failure_ : std::current_exception();
          changed_.notify_all();
        }
      }
      lock.lock();
    }
  }

  void join() {
    {
      const std::lock_guard lock{m_};
      over_ = true;
      changed_.notify_all();
    }
    for (auto& t : threads_)
      if (t.joinable())
        t.join();
  }

  const work does_;
  std::mutex m_;
  std::condition_variable changed_;
  std::vector<lane> lanes_; // guarded by m_, as all below
  bool over_ = false;       // no more batches come
  std::exception_ptr failure_;
  std::vector<std::thread> threads_; // of the owner
};

} // namespace leat
