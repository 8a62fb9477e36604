#include <leat/connectors/formats/format.hpp>

namespace leat {

/// Formats outlive what uses them: nobody owns this one.
std::shared_ptr<const format> format::opened(const format_use&) const { return {std::shared_ptr<void>{}, this}; }

record_splitter format::make_splitter() const { return record_splitter::lines(); }

std::string format::header(const schema&) const { return {}; }

std::unique_ptr<decoder> format::make_decoder_behind(std::string_view, const schema& of) const { return make_decoder(of); }

} // namespace leat
