using System.Text.Json;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>Work as it travels.</summary>
/// <param name="Type">Which work it is.</param>
/// <param name="Body">JSON. Bears ids, never personal data.</param>
/// <param name="Owner">On whose account it is done.</param>
/// <param name="Position">Of the event that it follows from; 0 when it follows from none.</param>
internal sealed record Message(
    string Kind, string Type, string Body, AccountId Owner, string? CorrelationId, string? CausationId, long Position = 0);

/// <summary>Turns work into messages and back. Work travels as JSON even inside one process, so that it always can.</summary>
internal sealed class WorkFormat(Slices slices)
{
    private readonly Dictionary<Type, string> kinds = slices.All
        .SelectMany(slice => slice.Works)
        .ToDictionary(work => work.Key, work => work.Value);

    private readonly Dictionary<string, Type> types = slices.All
        .SelectMany(slice => slice.Works.Keys)
        .ToDictionary(type => type.FullName!, StringComparer.Ordinal);

    /// <summary>Every queue there is.</summary>
    public IEnumerable<string> Kinds => kinds.Values.Distinct(StringComparer.Ordinal);

    /// <summary>An item for the queue on which this work travels.</summary>
    public WorkItem ItemOf(IWork work, string? correlationId, string? causationId) =>
        new(KindOf(work.GetType()), work, correlationId, causationId);

    /// <summary>The item as a message.</summary>
    /// <exception cref="NotSupportedException">The work would not come back as it went.</exception>
    public Message Write(WorkItem item)
    {
        var type = item.Work.GetType();
        if (!string.Equals(KindOf(type), item.Kind, StringComparison.Ordinal))
            throw new InvalidOperationException($"{type} does not travel on {item.Kind}.");
        var message = new Message(
            item.Kind, type.FullName!, Serialize(item.Work), item.Work.Owner, item.CorrelationId, item.CausationId,
            item.Position);
        return string.Equals(Serialize(Read(message)), message.Body, StringComparison.Ordinal)
            ? message
            : throw new NotSupportedException($"{type} does not survive its own JSON.");
    }

    /// <summary>The work that a message brings.</summary>
    /// <exception cref="FormatException">Nobody knows such work, or it is none at all.</exception>
    public IWork Read(Message message)
    {
        if (!types.TryGetValue(message.Type, out var type))
            throw new FormatException("No slice does such work.");
        try
        {
            return (IWork)(JsonSerializer.Deserialize(message.Body, type, JsonSerializerOptions.Web)
                ?? throw new FormatException("There is no work in it."));
        }
        catch (JsonException why)
        {
            throw new FormatException("The work cannot be read.", why);
        }
    }

    private string KindOf(Type work) => kinds.GetValueOrDefault(work)
        ?? throw new InvalidOperationException($"No slice does {work}.");

    private static string Serialize(IWork work) => JsonSerializer.Serialize(work, work.GetType(), JsonSerializerOptions.Web);
}
