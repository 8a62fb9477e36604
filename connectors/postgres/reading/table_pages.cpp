#include <leat/connectors/postgres/reading/table_pages.hpp>

#include <leat/connectors/postgres/pg_value.hpp>

#include <algorithm>
#include <utility>

namespace leat {

namespace {

constexpr std::size_t first_rows = 16; // until it is known how long rows are
constexpr std::size_t fastest_growth = 4;

// So that a stop need not wait for whoever has locked the table: after that the page is asked for again.
constexpr const char* short_lock = "SET LOCAL lock_timeout = '1s'";

pg_transactions::parts stopped_by(pg_transactions::parts session, const std::atomic<bool>& stop) {
  session.stop = &stop;
  return session;
}

} // namespace

table_pages::table_pages(parts with, std::vector<std::string> last, waker wake)
  : with_{std::move(with)}, wake_{std::move(wake)}, transactions_{stopped_by(with_.session, stop_)}, last_{std::move(last)},
    limit_{std::min(first_rows, with_.rows)}, thread_{[this] { run(); }} {}

table_pages::~table_pages() {
  {
    const std::lock_guard lock{m_};
    stop_ = true;
  }
  room_.notify_one();
  thread_.join();
}

std::optional<table_page> table_pages::take() {
  std::optional<table_page> taken;
  {
    const std::lock_guard lock{m_};
    if (!ready_ && failure_)
      std::rethrow_exception(failure_);
    taken = std::exchange(ready_, std::nullopt);
  }
  if (taken)
    room_.notify_one();
  return taken;
}

void table_pages::run() {
  std::exception_ptr failure;
  try {
    for (bool more = true; more;) {
      auto page = wait_for_room() ? fetch() : std::nullopt;
      if (!page)
        return;
      more = !page->last;
      {
        const std::lock_guard lock{m_};
        ready_ = std::move(page);
      }
      wake_();
    }
  } catch (...) {
    failure = std::current_exception();
  }
  transactions_.disconnect();
  if (!failure)
    return;
  {
    const std::lock_guard lock{m_};
    failure_ = failure;
  }
  wake_();
}

/// @returns false when there is nothing more to do.
bool table_pages::wait_for_room() {
  std::unique_lock lock{m_};
  room_.wait(lock, [&] { return !ready_ || stop_; });
  return !stop_;
}

/// The next page, whatever it takes; none when it is stopped.
std::optional<table_page> table_pages::fetch() {
  std::optional<table_page> page;
  while (transactions_.connect()) {
    const auto outcome = transactions_.attempt([&](pqxx::transaction_base& in, bool) { page = ask(in); });
    if (outcome == pg_outcome::stopped)
      break;
    if (outcome == pg_outcome::in_doubt) // it changes nothing: what was not answered is asked again
      continue;
    adapt_to(*page);
    return page;
  }
  return std::nullopt;
}

table_page table_pages::ask(pqxx::transaction_base& in) const {
  in.exec(plain_rows("SET LOCAL"));
  in.exec(short_lock);
  const auto sql = with_.query.page(!last_.empty(), limit_);
  const auto answer = last_.empty() ? in.exec(sql) : in.exec_params(sql, pqxx::prepare::make_dynamic_params(last_));
  table_page page;
  const auto columns = static_cast<pqxx::row::size_type>(with_.columns);
  for (const auto& row : answer) {
    for (pqxx::row::size_type i = 0; i < columns; ++i)
      page.names.bytes.append(i == 0 ? "" : ", ").append(row[i].c_str(), row[i].size());
    append_values(row, 0, columns, page.keys.bytes);
    page.rows.bytes.append(row[columns].c_str(), row[columns].size());
    append_values(row, columns + 1, row.size(), page.apart.bytes);
    for (auto* const part : {&page.rows, &page.apart, &page.keys, &page.names})
      part->ends.push_back(part->bytes.size());
  }
  page.last = page.rows.size() < limit_;
  return page;
}

/// Goes on behind its last row, with as many rows as their average length allows.
void table_pages::adapt_to(const table_page& page) {
  const auto bytes = page.rows.bytes.size() + page.apart.bytes.size();
  with_.bytes_in->add(static_cast<std::int64_t>(bytes));
  const auto count = page.rows.size();
  if (count == 0)
    return;
  last_ = key_texts(page.keys[count - 1]);
  const auto average = std::max<std::size_t>(1, bytes / count);
  limit_ = std::clamp<std::size_t>(with_.bytes / average, 1, std::min(with_.rows, limit_ * fastest_growth));
}

std::vector<std::string> key_texts(std::string_view key) {
  std::vector<std::string> texts;
  for (pg_value_reader values{key}; !values.empty();)
    texts.emplace_back(values.next().bytes);
  return texts;
}

} // namespace leat
