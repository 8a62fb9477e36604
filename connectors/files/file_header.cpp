#include <leat/connectors/files/file_header.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/file_facts.hpp>
#include <leat/connectors/files/record_buffer.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <unistd.h>

namespace leat {

file_header read_header(const open_file& file, const format& read_as, std::size_t longest, bool whole) {
  record_buffer buffer{read_as.make_splitter(), longest};
  record_buffer::record first;
  for (;;) {
    const auto to = buffer.room();
    const auto count = ::pread(file.get(), to.data(), to.size(), buffer.end());
    if (count < 0)
      throw connector_error{fmt::format("cannot be read: {}", system_reason(errno))};
    buffer.fill(static_cast<std::size_t>(count));
    if (buffer.next(first) || (count == 0 && whole && buffer.rest(first)))
      return {std::string{first.too_long ? std::string_view{} : without_byte_order_mark(first.bytes)}, first.too_long};
    if (count == 0)
      return {};
  }
}

} // namespace leat
