#pragma once

#include <fmt/format.h>

/// libfmt has this compiled, but its headers do not say so: without these lines every source that logs, or formats into a
/// buffer, compiles all of fmt's number formatting again, which takes as long as the rest of it.
extern template void fmt::detail::vformat_to<char>(
  fmt::detail::buffer<char>&, fmt::basic_string_view<char>,
  fmt::basic_format_args<fmt::buffer_context<fmt::type_identity_t<char>>>, fmt::detail::locale_ref);
