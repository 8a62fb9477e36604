#include <leat/connectors/postgres/postgres_writers.hpp>

#include <leat/base/encoding.hpp>
#include <leat/connectors/postgres/postgres_outlet.hpp>

#include <fmt/format.h>

#include <condition_variable>
#include <exception>
#include <future>
#include <mutex>
#include <utility>

namespace leat {

postgres_transactional_writer::postgres_transactional_writer(
  std::uint32_t shard, row_lineup::parts rows, std::unique_ptr<epoch_committer> committer, std::size_t memory)
  : logging_writer{shard, {memory, fmt::format("table {}", rows.encoding->layout().table), "postgres.epoch-memory"}, std::move(committer)},
    writes_letters_{rows.writes_letters}, lineup_{std::move(rows)}, layout_{encoded(lineup_.layout())} {}

std::uint64_t
postgres_transactional_writer::log(const batch_base& in, std::size_t from, std::size_t, epoch_log_writer& to) {
  lineup_.line_up(in, from);
  logged_record record;
  record.topic = layout_;
  for (const auto row : lineup_.rows()) {
    record.value = row;
    to.add(record);
  }
  record.topic = letters_in_log;
  if (writes_letters_)
    for (const auto& letter : lineup_.refused()) {
      const auto bytes = encoded(letter);
      record.value = bytes;
      to.add(record);
    }
  return lineup_.refused().size();
}

/// What the actor and the thread share.
struct postgres_sink_writer::core {
  using clock = std::chrono::steady_clock;

  /// Rows that go out in one transaction.
  struct load {
    std::string bytes;
    std::vector<std::size_t> ends;
    std::vector<dead_letter> letters;
    std::uint64_t segment = 0; ///< that is delivered with them

    [[nodiscard]] bool empty() const { return ends.empty() && letters.empty(); }
  };

  core(parts p, row_layout of, waker w) : with{std::move(p)}, layout{std::move(of)}, wake{std::move(w)} {}

  void run() noexcept;
  void write(const load& what);
  [[nodiscard]] bool due(clock::time_point now) const;

  const parts with;
  const row_layout layout;
  const waker wake;
  std::atomic<bool> stop = false;
  std::promise<void> over;
  std::unique_ptr<pg_transactions> transactions; // the thread's, as is what follows
  std::unique_ptr<row_store> store;

  std::mutex m;
  std::condition_variable more;
  load waiting;                 // guarded by m, as all below
  clock::time_point first_came; // of those that wait
  std::size_t on_their_way = 0; // bytes of those being written
  std::uint64_t marked = 0;     // segments
  std::uint64_t delivered = 0;
  std::uint64_t rejected = 0;
  std::exception_ptr failure;
};

bool postgres_sink_writer::core::due(clock::time_point now) const {
  return marked > waiting.segment || waiting.ends.size() >= with.batching.rows ||
         waiting.bytes.size() >= with.batching.bytes || (!waiting.empty() && now - first_came >= with.batching.delay);
}

void postgres_sink_writer::core::run() noexcept {
  try {
    std::unique_lock lock{m};
    while (!stop) {
      if (!due(clock::now())) {
        if (waiting.empty())
          more.wait(lock);
        else
          more.wait_until(lock, first_came + with.batching.delay);
        continue;
      }
      auto now = std::exchange(waiting, {});
      now.segment = waiting.segment = marked;
      on_their_way = now.bytes.size();
      lock.unlock();
      if (!now.empty())
        write(now);
      lock.lock();
      on_their_way = 0;
      if (!stop)
        delivered = now.segment;
      lock.unlock();
      if (!stop)
        wake();
      lock.lock();
    }
  } catch (...) {
    const std::lock_guard lock{m};
    failure = std::current_exception();
  }
  if (!stop)
    wake();
}

void postgres_sink_writer::core::write(const load& what) {
  std::vector<std::string_view> rows;
  std::size_t begin = 0;
  for (const auto end : what.ends) {
    rows.push_back(std::string_view{what.bytes}.substr(begin, end - begin));
    begin = end;
  }
  if (!transactions) {
    auto session = with.session;
    session.stop = &stop;
    transactions = std::make_unique<pg_transactions>(std::move(session));
    store = std::make_unique<row_store>(*transactions, with.rows);
  }
  std::uint64_t refused = 0;
  while (transactions->connect()) {
    const auto outcome = transactions->attempt([&](pqxx::transaction_base& in, bool careful) {
      refused = store->write(in, layout, rows, careful);
      for (const auto& letter : what.letters)
        store->write(in, letter);
    });
    if (outcome == pg_outcome::committed)
      break;
  }
  const std::lock_guard lock{m};
  rejected += refused;
}

postgres_sink_writer::postgres_sink_writer(parts with, row_lineup::parts rows, waker wake)
  : writes_letters_{rows.writes_letters}, lineup_{std::move(rows)}, core_{std::make_shared<core>(
                                                                      std::move(with), lineup_.layout(), std::move(wake))} {
  thread_ = std::thread{[shared = core_] {
    shared->run();
    shared->over.set_value();
  }};
}

postgres_sink_writer::~postgres_sink_writer() {
  core_->stop = true;
  {
    const std::lock_guard lock{core_->m};
    core_->more.notify_all();
  }
  if (core_->over.get_future().wait_for(epoch_committer::patience) == std::future_status::ready)
    thread_.join();
  else
    thread_.detach();
}

std::size_t postgres_sink_writer::write(const batch_base& in, std::size_t from) {
  {
    const std::lock_guard lock{core_->m};
    if (core_->failure)
      std::rethrow_exception(core_->failure);
    if (core_->waiting.bytes.size() + core_->on_their_way >= most_waiting)
      return 0;
  }
  lineup_.line_up(in, from);
  const std::lock_guard lock{core_->m};
  auto& to = core_->waiting;
  if (to.empty())
    core_->first_came = core::clock::now();
  for (const auto row : lineup_.rows()) {
    to.bytes += row;
    to.ends.push_back(to.bytes.size());
  }
  core_->rejected += lineup_.refused().size();
  if (writes_letters_)
    to.letters.insert(to.letters.end(), lineup_.refused().begin(), lineup_.refused().end());
  core_->more.notify_all();
  return in.size() - from;
}

std::uint64_t postgres_sink_writer::mark() {
  const std::lock_guard lock{core_->m};
  core_->more.notify_all();
  return ++core_->marked;
}

std::uint64_t postgres_sink_writer::delivered() {
  const std::lock_guard lock{core_->m};
  if (core_->failure)
    std::rethrow_exception(core_->failure);
  return core_->delivered;
}

std::uint64_t postgres_sink_writer::rejected() const {
  const std::lock_guard lock{core_->m};
  return core_->rejected;
}

} // namespace leat
