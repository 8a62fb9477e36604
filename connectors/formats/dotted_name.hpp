#pragma once

#include <string>
#include <string_view>

namespace leat {

/// The name of a type of C++ as that of a type of Avro or Protobuf: `shop::order` becomes `shop.order`; what is no letter or digit
/// (there is a template) becomes `_`.
[[nodiscard]] std::string dotted_name(std::string_view cpp_name);

} // namespace leat
