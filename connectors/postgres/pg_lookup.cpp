#include <leat/connectors/postgres/pg_lookup.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace leat {

namespace {

constexpr std::size_t most_keys = 500; // of a query

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

pg_lookup::pg_lookup(pg_address where, pg_query query, std::size_t connections, std::string who)
  : where_{std::move(where)}, query_{std::move(query)}, who_{std::move(who)} {
  for (std::size_t i = 0; i < connections; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

pg_lookup::~pg_lookup() {
  for (auto& t : threads_)
    t.request_stop();
  threads_.clear();
  for (auto& q : waiting_)
    q.then({std::nullopt, "the lookup has ended"});
}

void pg_lookup::find(std::string key, answer then) {
  {
    const std::lock_guard lock{m_};
    waiting_.push_back({std::move(key), std::move(then)});
  }
  more_.notify_one();
}

void pg_lookup::run(const std::stop_token& stop) {
  std::unique_ptr<pg_connection> connection;
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
    ask(connection, some);
  }
}

/// One key that its column cannot hold fails the query for all: then it is found in halves.
void pg_lookup::ask(std::unique_ptr<pg_connection>& through, std::span<question> some) {
  std::unordered_map<std::string, std::string> rows;
  std::string failure;
  try {
    if (!through) {
      auto made = connect(where_, who_);
      made->get().prepare("lookup", statement(made->get()));
      through = std::move(made);
    }
    std::vector<std::string_view> keys;
    for (const auto& q : some)
      keys.emplace_back(q.key);
    pqxx::nontransaction asked{through->get()};
    for (const auto& row : asked.exec_prepared("lookup", array_of(keys)))
      rows.insert_or_assign(row[0].c_str(), row[1].c_str());
  } catch (const std::exception& e) {
    const auto of = failure_of(e);
    if (of == pg_failure::row && some.size() > 1) {
      ask(through, some.first(some.size() / 2));
      ask(through, some.subspan(some.size() / 2));
      return;
    }
    failure = fmt::format("the database {} does not say: {}", where_.shown(), one_line(e));
    if (of != pg_failure::row)
      through.reset();
  }
  for (auto& q : some) {
    pg_found found{std::nullopt, failure};
    if (const auto row = rows.find(q.key); row != rows.end())
      found.row = row->second; // the key may be asked for twice
    q.then(std::move(found));
  }
}

/// The keys come as text and are compared as what the column is, so that an index of it is used. Times are told in UTC.
std::string pg_lookup::statement(pqxx::connection& through) const {
  pqxx::nontransaction asked{through};
  asked.exec("SET TimeZone = 'UTC'");
  const auto none = asked.exec(fmt::format("SELECT q.{} FROM ({}) q LIMIT 0", query_.key, query_.sql));
  const auto type =
    asked.exec_params("SELECT format_type($1, NULL)", std::to_string(none.column_type(0)))[0][0].as<std::string>();
  return fmt::format(
    "SELECT k.key, row_to_json(q) FROM unnest($1::text[]) k(key) JOIN ({0}) q ON q.{1} = k.key::{2}", query_.sql,
    query_.key, type);
}

} // namespace leat
