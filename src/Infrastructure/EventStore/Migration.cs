namespace EventFiles.Infrastructure.EventStore;

/// <summary>One step of the schema. Once released it is never changed and never taken back: the next one mends it.</summary>
/// <param name="Version">Steps are taken in this order. Numbers may be missing.</param>
/// <param name="Name">The script's file name, which the database keeps.</param>
public sealed record Migration(int Version, string Name)
{
    internal static readonly IReadOnlyList<Migration> All =
    [
        new(1, "0001-marten.sql"),
        new(2, "0002-private-rows-and-claims.sql"),
        new(3, "0003-append.sql"),
        new(4, "0004-empty-scopes.sql"),
        new(10, "0010-passwords.sql"),
        new(11, "0011-snapshots.sql"),
        new(20, "0020-projections.sql"),
        new(30, "0030-past.sql"),
        new(40, "0040-append-together.sql"),
        new(60, "0060-archive.sql"),
        new(70, "0070-idempotency-and-headers.sql"),
        new(80, "0080-objects.sql"),
        new(90, "0090-dead-letters.sql"),
        new(110, "0110-encryption.sql"),
        new(120, "0120-transparency-log.sql"),
        new(130, "0130-erasure.sql"),
        new(150, "0150-search.sql"),
        new(160, "0160-search-folders.sql"),
        new(170, "0170-erased-files.sql"),
        new(180, "0180-cosigned-checkpoints.sql"),
    ];

    internal string Script => ScriptNamed(Name);

    /// <summary>The text of a script of the program.</summary>
    internal static string ScriptNamed(string name)
    {
        var resource = $"{typeof(Migration).Namespace}.Schema.{name}";
        using var stream = typeof(Migration).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The script {resource} is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
