#pragma once

#include <leat/base/metrics.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/postgres/pg_transactions.hpp>
#include <leat/connectors/postgres/reading/table_query.hpp>
#include <leat/connectors/source.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace leat {

/// Rows that came together.
struct table_page {
  encoded_records rows;  ///< as JSON
  encoded_records apart; ///< of each row, what stands beside it for a `row_decoder`
  encoded_records keys;  ///< of each row, its columns' texts as `pg_value_writer` writes them
  encoded_records names; ///< the same for people: `7`, `o-1, 7`
  bool last = false;     ///< there is none behind it
};

/// The values of such a key.
[[nodiscard]] std::vector<std::string> key_texts(std::string_view key);

/// Fetches the pages of a table, one ahead of its reader, on a thread with a connection of its own. A page is a transaction: none
/// is open in between.
///
/// A server that is away is waited for, and asked again for the page that it owes. The end waits for the answer to a page that the server
/// is at, a second at most when others have the table locked.
class table_pages {
public:
  struct parts {
    pg_transactions::parts session; ///< `stop` is set here
    table_query query;
    std::size_t columns = 0; ///< of the key
    std::size_t rows = 0;    ///< of a page at most
    std::size_t bytes = 0;   ///< about so many of a page at most
    metric* bytes_in = nullptr;
  };

  /// @param last the key behind which to begin; empty: at the start. @param wake is called when a page, or a failure, is there.
  table_pages(parts with, std::vector<std::string> last, waker wake);
  table_pages(const table_pages&) = delete;
  table_pages& operator=(const table_pages&) = delete;
  ~table_pages();

  /// The next page; none: not yet. @throws connector_error when there never will be one.
  [[nodiscard]] std::optional<table_page> take();

private:
  void run();
  bool wait_for_room();
  [[nodiscard]] std::optional<table_page> fetch();
  [[nodiscard]] table_page ask(pqxx::transaction_base& in) const;
  void adapt_to(const table_page& page);

  const parts with_;
  const waker wake_;
  std::atomic<bool> stop_ = false;
  pg_transactions transactions_;  // of the thread
  std::vector<std::string> last_; // of the thread: the key that the next page begins behind
  std::size_t limit_;             // of the thread: rows of the next page

  std::mutex m_;
  std::condition_variable room_;
  std::optional<table_page> ready_; // guarded by m_
  std::exception_ptr failure_;      // guarded by m_
  std::thread thread_;              // the last: it uses the others
};

} // namespace leat
