#pragma once

#include <leat/connectors/log_limit.hpp>
#include <leat/connectors/registry/registry_client.hpp>
#include <leat/connectors/source.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace leat {

/// Calls a reader as long as there is one. Any thread.
class wake_line {
public:
  explicit wake_line(waker wake) : wake_{std::move(wake)} {}

  void call() {
    const std::lock_guard lock{m_};
    if (wake_)
      wake_();
  }

  /// From now on nobody is called, nor is a call under way.
  void cut() {
    const std::lock_guard lock{m_};
    wake_ = nullptr;
  }

private:
  std::mutex m_;
  waker wake_; // guarded by m_
};

/// The schemas of a registry by their ids, each asked for once: an id never gets another schema.
///
/// Nobody waits here: what is not known yet is asked for on a thread of its own, again and again until the registry answers, and the
/// log says so. A schema that the registry says it does not have is asked for three times, as one of its servers may hear of it
/// later than another; then it is absent for a minute. Thread-safe.
class schema_cache {
public:
  using clock = std::chrono::steady_clock;
  using fetch = std::function<schema_answer(std::uint32_t id, const std::stop_token& stop)>;

  static constexpr int asked_before_absent = 3;
  static constexpr std::chrono::seconds absent_for{60};
  static constexpr std::chrono::seconds quiet_time{30}; ///< between two lines of the log
  static constexpr std::size_t most_absent = 10'000;    ///< more of them are forgotten
  static constexpr std::chrono::milliseconds first_pause{100};
  static constexpr std::chrono::seconds longest_pause{10};
  static constexpr std::chrono::seconds longest_wish{60}; ///< of a server, to be asked later

  /// What is known of an id.
  struct entry {
    std::shared_ptr<const kept_schema> found; ///< null: there is none
    std::string reason{};                     ///< then
    clock::time_point until{};                ///< then: when it may have come
  };

  /// @param how asks once, waiting for the answer. @param who begins every line of the log.
  schema_cache(fetch how, std::string who);

  /// Adds one that is known otherwise.
  void keep(std::shared_ptr<const kept_schema> known);

  /// What is known now. None: it is asked for, and `line` called when there is an answer.
  [[nodiscard]] std::optional<entry> find(std::uint32_t id, const std::shared_ptr<wake_line>& line);

private:
  struct question {
    std::set<std::shared_ptr<wake_line>> waiting{};
    int failures = 0; // in a row, of the registry
    int denials = 0;  // that there is such a schema
  };

  void run(const std::stop_token& stop);
  bool take(std::uint32_t id, schema_answer&& answer);
  void add(std::uint32_t id, entry&& known);
  void tell(std::uint32_t id, const std::string& reason);

  const fetch fetch_;
  const std::string who_;
  std::mutex m_;
  std::condition_variable_any asked_;
  std::map<std::uint32_t, entry> known_;                // guarded by m_
  std::size_t absent_ = 0;                              // guarded by m_; of those known
  std::map<std::uint32_t, question> open_;              // guarded by m_
  std::multimap<clock::time_point, std::uint32_t> due_; // guarded by m_; each open question, but for the one being asked
  log_limit limit_{quiet_time};                         // the thread's own
  bool told_of_silence_ = false;                        // the thread's own
  std::jthread thread_;                                 // last: it uses the others
};

} // namespace leat
