using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventFiles.Features.Process;

/// <summary>What one option of a processor may be.</summary>
/// <param name="Name">Its name in <c>options</c>.</param>
/// <param name="Summary">For people.</param>
public abstract record OptionShape(string Name, string Summary)
{
    /// <summary>Its value tells something about a person: it stands nowhere in the log in plain.</summary>
    public bool IsPersonal { get; init; }

    /// <summary>Nothing is made without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Exactly one of those of a processor that say so is given.</summary>
    public bool IsOneOf { get; init; }

    /// <summary>A whole number.</summary>
    public sealed record Number(string Name, string Summary, int Minimum, int Maximum, int? Default = null) : OptionShape(Name, Summary)
    {
        protected override JsonObject Describe() => new()
        {
            ["type"] = "integer",
            ["minimum"] = Minimum,
            ["maximum"] = Maximum,
            ["default"] = Default,
        };

        protected override object? Otherwise => Default;

        protected override string? Take(JsonElement value, out object? read)
        {
            var isNumber = value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) && number >= Minimum && number <= Maximum;
            read = isNumber ? value.GetInt32() : null;
            return isNumber ? null : string.Create(CultureInfo.InvariantCulture, $"It is a whole number from {Minimum} to {Maximum}.");
        }
    }

    /// <summary>One of a few words.</summary>
    public sealed record Choice(string Name, string Summary, ImmutableArray<string> Words, string Default) : OptionShape(Name, Summary)
    {
        protected override JsonObject Describe() => new()
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. Words.Select(word => JsonValue.Create(word))]),
            ["default"] = Default,
        };

        protected override object Otherwise => Default;

        protected override string? Take(JsonElement value, out object? read)
        {
            read = TextOf(value) is { } word && Words.Contains(word) ? word : null;
            return read is null ? $"It is one of {string.Join(", ", Words)}." : null;
        }
    }

    /// <summary>A line of text.</summary>
    public sealed record Line(string Name, string Summary, int MaxLength) : OptionShape(Name, Summary)
    {
        protected override JsonObject Describe() => new()
        {
            ["type"] = "string",
            ["minLength"] = 1,
            ["maxLength"] = MaxLength,
        };

        protected override object? Otherwise => null;

        protected override string? Take(JsonElement value, out object? read)
        {
            read = TextOf(value)?.Trim() is { Length: > 0 } text && text.Length <= MaxLength && !text.Any(char.IsControl) ? text : null;
            return read is null
                ? string.Create(CultureInfo.InvariantCulture, $"It is a line of 1 to {MaxLength} characters.")
                : null;
        }
    }

    /// <summary>A file, by its id.</summary>
    public sealed record File(string Name, string Summary) : OptionShape(Name, Summary)
    {
        protected override JsonObject Describe() => new() { ["type"] = "string", ["format"] = "uuid" };

        protected override object? Otherwise => null;

        protected override string? Take(JsonElement value, out object? read)
        {
            read = Guid.TryParseExact(TextOf(value), "D", out var id) ? id.ToString() : null;
            return read is null ? "It is the id of a file." : null;
        }
    }

    /// <summary>Yes or no; no when it is not given.</summary>
    public sealed record Flag(string Name, string Summary) : OptionShape(Name, Summary)
    {
        protected override JsonObject Describe() => new() { ["type"] = "boolean", ["default"] = false };

        protected override object Otherwise => false;

        protected override string? Take(JsonElement value, out object? read)
        {
            read = value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
            return read is null ? "It is true or false." : null;
        }
    }

    /// <summary>Its part of the processor's JSON schema.</summary>
    public JsonObject Schema()
    {
        var schema = Describe();
        schema["description"] = Summary;
        if (schema["default"] is null)
            schema.Remove("default");
        return schema;
    }

    /// <summary>The value that was given, or what holds when none was.</summary>
    /// <param name="given">As a client sent it; <c>default</c> when it sent none.</param>
    /// <param name="read">An <see cref="int"/>, a <see cref="string"/>, a <see cref="bool"/>, or null for none.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? Read(JsonElement given, out object? read)
    {
        if (given.ValueKind is not JsonValueKind.Undefined)
            return Take(given, out read);
        read = Otherwise;
        return read is null && IsRequired ? "It must be given." : null;
    }

    /// <summary>The JSON schema (2020-12) of all of a processor's options.</summary>
    public static JsonObject SchemaOf(IReadOnlyCollection<OptionShape> shapes)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(shapes.Select(shape => KeyValuePair.Create(shape.Name, (JsonNode?)shape.Schema()))),
            ["required"] = new JsonArray([.. shapes.Where(shape => shape.IsRequired).Select(shape => JsonValue.Create(shape.Name))]),
            ["additionalProperties"] = false,
        };
        if (shapes.Any(shape => shape.IsOneOf))
        {
            schema["oneOf"] = new JsonArray([.. shapes.Where(shape => shape.IsOneOf)
                .Select(shape => new JsonObject { ["required"] = new JsonArray(JsonValue.Create(shape.Name)) })]);
        }

        return schema;
    }

    // Half of a pair of surrogates is JSON, and no text.
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind is JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    protected abstract object? Otherwise { get; }

    protected abstract JsonObject Describe();

    protected abstract string? Take(JsonElement value, out object? read);
}
