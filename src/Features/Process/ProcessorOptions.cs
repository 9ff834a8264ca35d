using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace EventFiles.Features.Process;

/// <summary>What is set of a processor's options: whole numbers, texts and yes or no, by name.</summary>
public sealed class ProcessorOptions
{
    public static readonly ProcessorOptions None = new(ImmutableSortedDictionary.Create<string, object>(StringComparer.Ordinal));
    private readonly ImmutableSortedDictionary<string, object> values;

    private ProcessorOptions(ImmutableSortedDictionary<string, object> values) => this.values = values;

    public bool IsEmpty => values.IsEmpty;

    public int? Number(string name) => values.GetValueOrDefault(name) as int?;

    public string? Text(string name) => values.GetValueOrDefault(name) as string;

    public bool Flag(string name) => values.GetValueOrDefault(name) is true;

    /// <summary>The same, and this.</summary>
    /// <param name="name">The option.</param>
    /// <param name="value">An <see cref="int"/>, a <see cref="string"/> or a <see cref="bool"/>.</param>
    public ProcessorOptions With(string name, object value) => new(values.SetItem(name, value));

    public ProcessorOptions With(ProcessorOptions others)
    {
        ArgumentNullException.ThrowIfNull(others);
        return new(values.SetItems(others.values));
    }

    public ProcessorOptions Without(IEnumerable<string> names) => new(values.RemoveRange(names));

    public ProcessorOptions Only(IReadOnlySet<string> names) => new(values.RemoveRange(values.Keys.Where(name => !names.Contains(name))));

    /// <summary>Canonical: the same options are the same text.</summary>
    public string ToJson()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var (name, value) in values)
            {
                json.WritePropertyName(name);
                if (value is int number)
                    json.WriteNumberValue(number);
                else if (value is bool flag)
                    json.WriteBooleanValue(flag);
                else
                    json.WriteStringValue((string)value);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>What <see cref="ToJson"/> wrote. Of a text that is none, such as one that was erased, nothing is known.</summary>
    public static ProcessorOptions Parse(string json)
    {
        try
        {
            using var read = JsonDocument.Parse(json);
            return read.RootElement.EnumerateObject().Aggregate(None, (options, one) => one.Value.ValueKind switch
            {
                JsonValueKind.Number => options.With(one.Name, one.Value.GetInt32()),
                JsonValueKind.String => options.With(one.Name, one.Value.GetString()!),
                _ => options.With(one.Name, one.Value.GetBoolean()),
            });
        }
        catch (JsonException)
        {
            return None;
        }
    }
}
