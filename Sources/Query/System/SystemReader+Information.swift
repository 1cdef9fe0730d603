internal import Core

extension SystemReader {
    /// Functions about the catalog's own objects (PostgreSQL 15, 9.26): macros of the engine, which `SystemMacros`
    /// defines, or what is true of every node.
    func information(
        _ name: String, _ arguments: [SystemExpression]
    ) throws(SQLFault) -> SystemExpression? {
        if let constant = Self.constants[name] {
            return SystemExpression("CAST(\(constant.0) AS \(schema.physical(constant.1)))", constant.1)
        }
        if name.hasPrefix("has_"), name.hasSuffix("_privilege") { return try privilege(name, arguments) }
        guard let macro = Self.macros[name] else { return nil }
        var parts: [String] = []
        for (index, argument) in arguments.prefix(macro.arguments.count).enumerated() {
            parts.append(try coerce(argument, to: macro.arguments[index]).sql)
        }
        // Those that are left out have a default.
        for type in macro.arguments.dropFirst(parts.count) {
            parts.append("CAST(NULL AS \(schema.physical(type)))")
        }
        for argument in arguments.dropFirst(macro.arguments.count) where argument.type == .unknown {
            _ = try coerce(argument, to: .text)
        }
        return SystemExpression("c_\(name)(\(parts.joined(separator: ", ")))", macro.result)
    }

    /// Everything that is in the catalog may be read; nothing may be changed.
    private func privilege(
        _ name: String, _ arguments: [SystemExpression]
    ) throws(SQLFault) -> SystemExpression {
        for argument in arguments where argument.type == .unknown { _ = try coerce(argument, to: .text) }
        let wanted =
            arguments.last.map { text(of: $0.type == .unknown ? SystemExpression(plain($0), .text) : $0) }
            ?? "''"
        return SystemExpression("c_may(\(wanted))", .bool)
    }

    /// True of every node: nothing is partitioned, replicated or written, and sizes are not told.
    private static let constants: [String: (String, SystemType)] = [
        "pg_relation_is_publishable": ("false", .bool), "pg_get_statisticsobjdef_columns": ("NULL", .text),
        "pg_get_statisticsobjdef": ("NULL", .text), "pg_get_partkeydef": ("NULL", .text),
        "pg_get_viewdef": ("NULL", .text), "pg_get_ruledef": ("NULL", .text),
        "pg_get_triggerdef": ("NULL", .text),
        "pg_get_functiondef": ("NULL", .text), "pg_get_function_sqlbody": ("NULL", .text),
        "pg_get_serial_sequence": ("NULL", .text), "pg_sequence_last_value": ("NULL", .int8),
        "pg_relation_filenode": ("NULL", .oid), "pg_tablespace_location": ("''", .text),
        "pg_relation_filepath": ("NULL", .text), "pg_get_replica_identity_index": ("NULL", .regclass),
        "pg_table_size": ("0", .int8), "pg_relation_size": ("0", .int8),
        "pg_total_relation_size": ("0", .int8),
        "pg_indexes_size": ("0", .int8), "pg_database_size": ("0", .int8), "pg_tablespace_size": ("0", .int8),
        "pg_schema_size": ("0", .int8), "pg_is_other_temp_schema": ("false", .bool),
        "pg_table_is_partition": ("false", .bool), "pg_stat_get_numscans": ("0", .int8),
        "pg_stat_get_live_tuples": ("0", .int8), "pg_relation_is_updatable": ("0", .int4),
        "pg_column_is_updatable": ("false", .bool), "age": ("0", .int4), "pg_has_role": ("true", .bool),
        "row_security_active": ("false", .bool), "pg_function_is_visible": ("true", .bool),
        "pg_operator_is_visible": ("true", .bool), "pg_opclass_is_visible": ("true", .bool),
        "pg_opfamily_is_visible": ("true", .bool), "pg_collation_is_visible": ("true", .bool),
        "pg_conversion_is_visible": ("true", .bool), "pg_ts_config_is_visible": ("true", .bool),
        "pg_ts_dict_is_visible": ("true", .bool), "pg_ts_parser_is_visible": ("true", .bool),
        "pg_ts_template_is_visible": ("true", .bool), "pg_statistics_obj_is_visible": ("true", .bool),
        "pg_char_to_encoding": ("6", .int4), "pg_client_encoding": ("'UTF8'", .name),
        "pg_collation_actual_version": ("NULL", .text),
        "pg_database_collation_actual_version": ("NULL", .text),
        "pg_notify": ("''", .void), "pg_advisory_unlock_all": ("''", .void),
        "pg_export_snapshot": ("NULL", .text),
    ]

    private static let macros: [String: (arguments: [SystemType], result: SystemType)] = [
        "pg_get_userbyid": ([.oid], .name), "pg_encoding_to_char": ([.int4], .name),
        "format_type": ([.oid, .int4], .text), "obj_description": ([.oid, .text], .text),
        "col_description": ([.oid, .int4], .text), "shobj_description": ([.oid, .text], .text),
        "pg_table_is_visible": ([.oid], .bool), "pg_type_is_visible": ([.oid], .bool),
        "pg_get_expr": ([SystemType(194), .oid], .text), "pg_get_indexdef": ([.oid, .int4], .text),
        "pg_get_constraintdef": ([.oid], .text), "pg_size_pretty": ([.int8], .text),
        "to_regclass": ([.text], .regclass), "to_regtype": ([.text], .regtype),
        "to_regnamespace": ([.text], .regnamespace), "to_regrole": ([.text], .regrole),
        "to_regproc": ([.text], .regproc), "pg_get_function_result": ([.oid], .text),
        "pg_get_function_arguments": ([.oid], .text), "pg_get_function_identity_arguments": ([.oid], .text),
        "array_in_type": ([.oid], .oid), "_pg_truetypid": ([.oid], .oid),
        "pg_index_has_property": ([.oid, .text], .bool),
        "_pg_char_max_length": ([.oid, .int4], .int4),
    ]
}
