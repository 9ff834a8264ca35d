using EventFiles.Features.Accounts;
using EventFiles.Infrastructure;
using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.Mail;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.Scanning;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Transparency;
using Npgsql;

namespace EventFiles.Host.Configuration;

/// <summary>What an operator wants, checked. Not a record: one that prints itself would print secrets.</summary>
public sealed class Settings
{
    /// <summary>What this node is for.</summary>
    public required Role Role { get; init; }

    /// <summary>Where to listen.</summary>
    public required string Urls { get; init; }

    /// <summary>The folder for what is kept on this machine.</summary>
    public required string DataFolder { get; init; }

    /// <summary>A PostgreSQL elsewhere, for Npgsql, as its owner or as the application; null: one of our own.</summary>
    public string? Database { get; init; }

    /// <summary>The owner of the same, when <see cref="Database"/> is the application's login.</summary>
    public string? DatabaseOwner { get; init; }

    /// <summary>How long a start waits for servers that are away.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Null: views in memory.</summary>
    public Uri? Redis { get; init; }

    /// <summary>Null: work is done in this process.</summary>
    public Uri? RabbitMq { get; init; }

    /// <summary>RabbitMQ's HTTP interface.</summary>
    public Uri? RabbitMqManagement { get; init; }

    /// <summary>Null: objects are files below <see cref="DataFolder"/>.</summary>
    public S3Settings? S3 { get; init; }

    /// <summary>Whether clients may upload in parts that go straight to the store.</summary>
    public bool TakesDirectUploads { get; init; }

    /// <summary>What this node and the others make their keys of; none when it keeps keys in its folder.</summary>
    public IReadOnlyList<SharedSecret> Secrets { get; init; } = [];

    /// <summary>What the key is made of that signs checkpoints; null: of <see cref="Secrets"/>, or it is in the data folder.</summary>
    public SharedSecret? LogSecret { get; init; }

    /// <summary>The log's name in its checkpoints; null: it follows from the key.</summary>
    public string? LogOrigin { get; init; }

    /// <summary>Who is asked to sign checkpoints too; nobody by default.</summary>
    public IReadOnlyList<LogWitness> LogWitnesses { get; init; } = [];

    /// <summary>Whether content is encrypted before it is stored.</summary>
    public bool IsEncrypting { get; init; } = true;

    /// <summary>Whether content that becomes smaller is compressed in the store.</summary>
    public bool IsCompressing { get; init; } = true;

    /// <summary>What nodes make the keys of that wrap all keys, the newest first; none when keys are in a folder.</summary>
    public IReadOnlyList<SharedSecret> EncryptionSecrets { get; init; } = [];

    /// <summary>The folder with the keys that wrap all keys; null: the data folder's, or none.</summary>
    public string? EncryptionKeyFolder { get; init; }

    /// <summary>Of whom the program believes what they say of a request that they pass on; none by default.</summary>
    public IReadOnlyList<System.Net.IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Origins whose pages may use the API; a star alone for all, none by default.</summary>
    public IReadOnlyList<string> CrossOrigins { get; init; } = [];

    /// <summary>Who looks for viruses; null: nobody.</summary>
    public ClamAvAddress? ClamAv { get; init; }

    /// <summary>What is done about viruses.</summary>
    public ScanPolicy ScanPolicy { get; init; }

    /// <summary>A text search configuration of PostgreSQL.</summary>
    public string SearchLanguage { get; init; } = "simple";

    /// <summary>Null: no mail is sent.</summary>
    public MailSettings? Mail { get; init; }

    /// <summary>A provider that people may sign in at; null: none.</summary>
    public OidcSettings? Provider { get; init; }

    /// <summary>How many requests a minute are answered.</summary>
    public RequestLimits Limits { get; init; } = new();

    /// <summary>What is decided of accounts.</summary>
    public AccountsOptions Accounts { get; init; } = new();

    public int? WorkerConcurrency { get; init; }

    public TimeSpan? JobTimeout { get; init; }

    public int? MaxRetries { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>What the file says for the slices (<c>Upload:Life</c>); the environment goes before it.</summary>
    public IReadOnlyDictionary<string, string?> Others { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>What a command has of the settings of slices and adapters, as a node has it.</summary>
    public IConfiguration Configuration() =>
        new ConfigurationBuilder().AddInMemoryCollection(Others).AddEnvironmentVariables().Build();

    /// <summary>Whether nothing was said of a database: one process, everything in the data folder.</summary>
    public bool IsEmbedded => Database is null;

    /// <summary>Whether this node keeps views, work or objects to itself, and so must be the only one.</summary>
    public bool IsAlone => Redis is null || RabbitMq is null || S3 is null;

    /// <summary>How work is done.</summary>
    public MessagingSettings Messaging
    {
        get
        {
            var usual = new MessagingSettings();
            return usual with
            {
                Concurrency = WorkerConcurrency ?? usual.Concurrency,
                TransientTries = MaxRetries + 1 ?? usual.TransientTries,
                UnexpectedTries = MaxRetries + 1 ?? usual.UnexpectedTries,
                StopWithin = TimeSpan.FromSeconds(30),
            };
        }
    }

    /// <summary>What children may use up.</summary>
    public ChildOptions Limit(ChildOptions usual)
    {
        ArgumentNullException.ThrowIfNull(usual);
        return usual with
        {
            Children = WorkerConcurrency ?? usual.Children,
            Timeout = JobTimeout ?? usual.Timeout,
            // A job may keep two processors busy for as long as it has.
            CpuSeconds = JobTimeout is { } limit ? (int)Math.Ceiling(2 * limit.TotalSeconds) : usual.CpuSeconds,
        };
    }

    /// <summary>The key that signs checkpoints of the log.</summary>
    /// <param name="mayMake">Whether it is made in the data folder when there is none.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public LogKey LogKey(bool mayMake) =>
        IsEmbedded ? Infrastructure.Transparency.LogKey.In(Infrastructure.Embedded.DataFolder.KeysIn(DataFolder), mayMake, LogOrigin)
        : Infrastructure.Transparency.LogKey.Of(LogSecret ?? Secrets[0], LogOrigin);

    /// <summary>Where this node finds the keys that wrap all keys.</summary>
    /// <param name="mayMake">Whether the first one is made when there is none.</param>
    public EraKeys EraKeys(bool mayMake) =>
        EncryptionSecrets.Count > 0 ? Infrastructure.Encryption.EraKeys.Of(EncryptionSecrets)
        : EncryptionKeyFolder is { } folder ? Infrastructure.Encryption.EraKeys.In(folder, mayMake)
        : IsEmbedded ? Infrastructure.Encryption.EraKeys.In(Infrastructure.Embedded.DataFolder.EraKeysIn(DataFolder), mayMake)
        : Infrastructure.Encryption.EraKeys.None;

    /// <summary>What this node stands on, in a line without secrets.</summary>
    public string Describe()
    {
        var database = new NpgsqlConnectionStringBuilder(Database ?? "");
        return string.Join(
            ", ",
            Database is null ? "PostgreSQL of its own" : FormattableString.Invariant($"PostgreSQL at {database.Host}:{database.Port}/{database.Database}"),
            Redis is null ? "views in memory" : $"views in Redis at {Redis.Authority}",
            RabbitMq is null ? "work in this process" : $"work by RabbitMQ at {RabbitMq.Authority}",
            Mail is null ? "no mail" : FormattableString.Invariant($"mail by {Mail.Host}:{Mail.Port}"),
            (S3 is null ? $"objects in {Path.GetFullPath(DataFolder)}" : $"objects in {S3.Endpoint.Authority}/{S3.Bucket}")
            + (IsCompressing ? ", compressed" : "") + (IsEncrypting ? ", encrypted" : ", not encrypted"));
    }
}
