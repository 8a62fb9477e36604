#include <leat/connectors/postgres/pg_lookup.hpp>

#include <leat/connectors/postgres/pg_session.hpp>
#include <leat/connectors/postgres/row_decoder.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace leat {

namespace {

constexpr std::size_t most_keys = 500; // of a query

struct answered_row {
  std::string json;
  std::string apart; ///< what stands beside it for a `row_decoder`
};

/// `{"a","b"}`: an array of text.
std::string array_of(const std::vector<std::string_view>& texts) {
  std::string array = "{";
  for (const auto text : texts) {
    array += array.size() > 1 ? ",\"" : "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\')
        array += '\\';
      array += c;
    }
    array += '"';
  }
  return array + "}";
}

} // namespace

/// What the threads share.
class pg_lookup::threads {
public:
  threads(pg_address where, pg_query query, const schema& of, std::size_t connections, std::string who)
    : where_{std::move(where)}, query_{std::move(query)}, schema_{of}, who_{std::move(who)} {
    for (std::size_t i = 0; i < connections; ++i)
      running_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
  threads(const threads&) = delete;
  threads& operator=(const threads&) = delete;

  ~threads() {
    for (auto& t : running_)
      t.request_stop();
    running_.clear();
    for (auto& q : waiting_)
      q.then({.failure = "the lookup has ended"});
  }

  void find(std::string key, answer then) {
    {
      const std::lock_guard lock{m_};
      waiting_.push_back({std::move(key), std::move(then)});
    }
    more_.notify_one();
  }

private:
  struct question {
    std::string key;
    answer then;
  };

  /// A connection on which the query is prepared.
  struct session {
    std::unique_ptr<pg_connection> connection;
    std::unique_ptr<row_decoder> reads;
  };

  void run(const std::stop_token& stop);
  void ask(session& through, std::span<question> some);
  [[nodiscard]] session prepare() const;

  const pg_address where_;
  const pg_query query_;
  const schema& schema_;
  const std::string who_;
  std::mutex m_;
  std::condition_variable_any more_;
  std::vector<question> waiting_;     // guarded by m_
  std::vector<std::jthread> running_; // the last: they use the others
};

pg_lookup::pg_lookup(const settings& config, pg_query query, const schema& of, std::size_t connections, std::string who)
  : threads_{std::make_unique<threads>(pg_address::from(config), std::move(query), of, connections, std::move(who))} {}
pg_lookup::~pg_lookup() = default;

void pg_lookup::find(std::string key, answer then) { threads_->find(std::move(key), std::move(then)); }

void pg_lookup::threads::run(const std::stop_token& stop) {
  session through;
  std::vector<question> some;
  while (true) {
    {
      std::unique_lock lock{m_};
      if (!more_.wait(lock, stop, [&] { return !waiting_.empty(); }))
        return;
      const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most_keys));
      some.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.begin() + count));
      waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    }
    ask(through, some);
  }
}

/// One key that its column cannot hold fails the query for all: then it is found in halves.
void pg_lookup::threads::ask(session& through, std::span<question> some) {
  std::unordered_map<std::string, answered_row> rows;
  pg_found none;
  const bool is_new = !through.connection;
  try {
    if (is_new)
      through = prepare();
    std::vector<std::string_view> keys;
    for (const auto& q : some)
      keys.emplace_back(q.key);
    pqxx::nontransaction asked{through.connection->get()};
    for (const auto& row : asked.exec_prepared("lookup", array_of(keys))) {
      answered_row told{row[1].c_str(), {}};
      append_values(row, 2, row.size(), told.apart);
      rows.insert_or_assign(row[0].c_str(), std::move(told));
    }
  } catch (const std::exception& e) {
    const auto of = failure_of(e);
    if (of == pg_failure::row && some.size() > 1) {
      ask(through, some.first(some.size() / 2));
      ask(through, some.subspan(some.size() / 2));
      return;
    }
    if (of == pg_failure::connection && !is_new) { // lost while nobody asked, maybe long ago
      through = {};
      ask(through, some);
      return;
    }
    auto said = fmt::format("the database {} does not say: {}", where_.shown(), one_line(e));
    (of == pg_failure::row ? none.absence : none.failure) = std::move(said);
    if (of != pg_failure::row)
      through = {};
  }
  for (auto& q : some) {
    auto found = none;
    std::string_view apart;
    if (const auto row = rows.find(q.key); row != rows.end()) {
      found.row = row->second.json; // the key may be asked for twice
      found.reads = through.reads.get();
      apart = row->second.apart;
      through.reads->beside({&apart, 1});
    }
    q.then(std::move(found));
  }
}

/// The keys come as text and are compared as what the column is, so that an index of it is used.
pg_lookup::threads::session pg_lookup::threads::prepare() const {
  session made{connect(where_, who_), nullptr};
  pqxx::nontransaction asked{made.connection->get()};
  asked.exec(plain_rows("SET"));
  const auto key = columns_of(asked, fmt::format("SELECT q.{} FROM ({}) q", query_.key, query_.sql));
  const row_selection selected{schema_, columns_of(asked, query_.sql)};
  made.reads = std::make_unique<row_decoder>(schema_, selected);
  made.connection->get().prepare(
    "lookup", fmt::format(
                "SELECT k.key, row_to_json(v.*){} FROM unnest($1::text[]) k(key) JOIN ({}) q ON q.{} = k.key::{} "
                "CROSS JOIN LATERAL (SELECT {}) v",
                selected.values_apart(), query_.sql, query_.key, key.front().type, selected.members()));
  return made;
}

} // namespace leat
