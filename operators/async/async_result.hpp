#pragma once

#include <leat/base/error.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat {

/// What has become of one attempt of an asynchronous call.
template <class Out>
struct async_outcome {
  std::uint64_t call = 0;
  std::uint32_t attempt = 0;
  std::vector<Out> rows;             ///< of one that succeeded
  std::optional<std::string> failed; ///< why it did not
};

/// Where the outcomes of one step's calls arrive, from whatever threads they end on. Thread-safe.
template <class Out>
class async_inbox {
public:
  /// @param wake makes the step's actor look here; called from any thread, and once until it has looked.
  explicit async_inbox(std::function<void()> wake) : wake_{std::move(wake)} {}

  void put(async_outcome<Out> outcome) {
    bool first = false;
    {
      const std::lock_guard lock{mutex_};
      first = arrived_.empty();
      arrived_.push_back(std::move(outcome));
      any_.store(true, std::memory_order_release);
    }
    if (first && wake_)
      wake_();
  }

  [[nodiscard]] bool any() const noexcept { return any_.load(std::memory_order_acquire); }

  /// All that has arrived since the last call, in that order.
  [[nodiscard]] std::vector<async_outcome<Out>> take() {
    const std::lock_guard lock{mutex_};
    any_.store(false, std::memory_order_release);
    return std::exchange(arrived_, {});
  }

private:
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<async_outcome<Out>> arrived_; // guarded by mutex_
  std::atomic<bool> any_{false};
};

/// Where an asynchronous call delivers what it comes to: once, from any thread. Copies speak for the same call; when the
/// last one is gone without a word the call has failed. Thread-safe.
template <class Out>
class async_result {
public:
  async_result(std::shared_ptr<async_inbox<Out>> to, std::uint64_t call, std::uint32_t attempt)
    : promise_{std::make_shared<promise>(std::move(to), call, attempt)} {}

  /// The call has come to these records, any number of them.
  void complete(std::vector<Out> rows) const { promise_->settle(std::move(rows), std::nullopt); }
  void complete(Out row) const {
    std::vector<Out> rows;
    rows.push_back(std::move(row));
    complete(std::move(rows));
  }

  /// The call has failed; `reason` is for a person.
  void fail(std::string reason) const { promise_->settle({}, std::move(reason)); }

  /// The call has ended, as callbacks are told it: `error` says why it failed, or is false, and then `rows` is what it has
  /// come to, one record or many. An error is a `std::exception_ptr`, or has a `message()` as a `std::error_code` has.
  ///
  /// So a result is itself a callback, and all that a coroutine needs: `asio::co_spawn(executor, ask(record), result)`.
  template <class Error, class Rows>
  void operator()(const Error& error, Rows rows) const {
    if (!error)
      complete(std::move(rows));
    else if constexpr (std::is_same_v<Error, std::exception_ptr>)
      fail(text_of(error));
    else
      fail(error.message());
  }

private:
  class promise {
  public:
    promise(std::shared_ptr<async_inbox<Out>> to, std::uint64_t call, std::uint32_t attempt)
      : to_{std::move(to)}, call_{call}, attempt_{attempt} {}
    promise(const promise&) = delete;
    promise& operator=(const promise&) = delete;
    ~promise() { settle({}, "it was given up without a result"); }

    void settle(std::vector<Out> rows, std::optional<std::string> failed) {
      if (!settled_.exchange(true))
        to_->put({call_, attempt_, std::move(rows), std::move(failed)});
    }

  private:
    const std::shared_ptr<async_inbox<Out>> to_;
    const std::uint64_t call_;
    const std::uint32_t attempt_;
    std::atomic<bool> settled_{false};
  };

  std::shared_ptr<promise> promise_;
};

/// A function that asks something outside for each record and does not wait for the answer:
///
///     void operator()(const T& record, async_result<Out> result)     starts a call; the record is good for this call only
///     void failed(const T& record, const std::string& reason, collector<Out>&)
///                                                                   after the last attempt; if missing, the job ends
template <class Function, class T, class Out>
concept async_function = requires(Function& f, const T& record, async_result<Out> result) {
  f(record, std::move(result));
};

} // namespace leat
