namespace EventFiles.Host.Configuration;

/// <summary>One variable that the program reads.</summary>
/// <param name="Name">In the environment and in a file.</param>
/// <param name="Purpose">For people.</param>
/// <param name="Example">A value that would do.</param>
/// <param name="Default">What counts when it is missing; null: nothing does.</param>
/// <param name="IsSecret">Never printed. A URL shows all but its password.</param>
internal sealed record SettingName(string Name, string Purpose, string Example, string? Default = null, bool IsSecret = false);

/// <summary>Every variable there is.</summary>
internal static class SettingNames
{
    public static readonly SettingName NodeRole = new(
        "EVENTFILES_ROLE", "What this node is for: api, worker or all", "api", "all");

    public static readonly SettingName Urls = new(
        "EVENTFILES_URLS", "Where to listen; several are separated by semicolons, port 0 takes a free one", "http://0.0.0.0:8080", "http://127.0.0.1:5080");

    public static readonly SettingName Data = new(
        "EVENTFILES_DATA", "The folder for what is kept on this machine", "/var/lib/eventfiles", "data");

    public static readonly SettingName Database = new(
        "DATABASE_URL", "PostgreSQL; without it the program runs one of its own under the data folder", "postgresql://eventfiles:PASSWORD@db:5432/eventfiles", IsSecret: true);

    public static readonly SettingName DatabaseOwner = new(
        "DATABASE_OWNER_URL", "The owner of the same database, who migrates it, when DATABASE_URL names a login that may only add to the log", "postgresql://owner:PASSWORD@db:5432/eventfiles", IsSecret: true);

    public static readonly SettingName DatabaseConnections = new(
        "DATABASE_CONNECTIONS", "How many connections to PostgreSQL this node uses at most", "40", "40");

    public static readonly SettingName StartTimeout = new(
        "START_TIMEOUT", "How long a start waits for PostgreSQL", "60s", "60s");

    public static readonly SettingName Redis = new(
        "REDIS_URL", "Redis for views that nodes share; without it they are in memory, on one node", "redis://:PASSWORD@redis:6379/0", IsSecret: true);

    public static readonly SettingName RabbitMq = new(
        "RABBITMQ_URL", "RabbitMQ for work that nodes share; without it work is done where it arises, on one node", "amqp://eventfiles:PASSWORD@rabbitmq:5672/", IsSecret: true);

    public static readonly SettingName RabbitMqManagement = new(
        "RABBITMQ_MANAGEMENT_URL", "RabbitMQ's HTTP interface, for commands", "http://eventfiles:PASSWORD@rabbitmq:15672/", IsSecret: true);

    public static readonly SettingName S3Endpoint = new(
        "S3_ENDPOINT", "An S3 server for objects; without it they are files in the data folder, on one node", "http://minio:9000");

    public static readonly SettingName S3Region = new("S3_REGION", "The S3 region", "eu-central-1", "us-east-1");

    public static readonly SettingName S3Bucket = new("S3_BUCKET", "The S3 bucket", "eventfiles");

    public static readonly SettingName S3AccessKey = new("S3_ACCESS_KEY", "The S3 account", "eventfiles");

    public static readonly SettingName S3SecretKey = new("S3_SECRET_KEY", "The S3 account's secret", "40 random characters", IsSecret: true);

    public static readonly SettingName S3ForcePathStyle = new(
        "S3_FORCE_PATH_STYLE", "Whether the bucket stands in the path (true) or in the host's name (false)", "true", "true");

    public static readonly SettingName S3Prefix = new("S3_PREFIX", "What all names in the bucket begin with, for one that is shared", "eventfiles/");

    public static readonly SettingName S3CreateBucket = new("S3_CREATE_BUCKET", "Whether a bucket that is not there is made", "false", "true");

    public static readonly SettingName S3Authorities = new("S3_CA_FILE", "A PEM file of authorities that are believed besides the system's", "/etc/ssl/s3.pem");

    public static readonly SettingName S3PresignedReads = new(
        "S3_PRESIGNED_READS", "Whether readers may be sent to the S3 server itself", "true", "false");

    public static readonly SettingName S3PublicEndpoint = new(
        "S3_PUBLIC_ENDPOINT", "The S3 server's address as clients know it, when it is not S3_ENDPOINT", "https://s3.example.org");

    public static readonly SettingName DirectUploads = new(
        "DIRECT_UPLOADS", "Whether clients may upload large files in parts that go straight to the store: on or off", "on", "off");

    public static readonly SettingName MinioUseSsl = new("MINIO_USE_SSL", "Whether MINIO_ENDPOINT without a scheme means https", "true", "false");

    public static readonly SettingName JwtSecret = new(
        "JWT_SECRET", "What nodes make their signing keys of: the same on all of them", "the output of: openssl rand -hex 32", IsSecret: true);

    public static readonly SettingName OtherJwtSecret = new(
        "JWT_SECRET_OTHER", "A second secret whose tokens are good too, while JWT_SECRET is being changed", "the output of: openssl rand -hex 32", IsSecret: true);

    public static readonly SettingName LogKeySecret = new(
        "LOG_KEY", "What nodes make the key of that signs checkpoints of the log: the same on all of them, and for ever; without it they make it of JWT_SECRET", "the output of: openssl rand -hex 32", IsSecret: true);

    public static readonly SettingName LogOrigin = new(
        "LOG_ORIGIN", "What the log is called in its checkpoints; without it the name follows from the key", "files.example.org/log");

    public static readonly SettingName LogWitnesses = new(
        "LOG_WITNESSES", "Witnesses that sign checkpoints of the log with keys of their own, as KEY@URL, with commas between them", "witness.example+1a2b3c4d+BE…=@https://witness.example");

    public static readonly SettingName Encryption = new(
        "ENCRYPTION", "Whether content is encrypted before it is stored: on or off. What is encrypted is read in any case", "off", "on");

    public static readonly SettingName EncryptionKey = new(
        "ENCRYPTION_KEY", "What nodes make the key of that wraps all keys: the same on all of them. Whoever loses it loses the content", "the output of: openssl rand -hex 32", IsSecret: true);

    public static readonly SettingName PreviousEncryptionKey = new(
        "ENCRYPTION_KEY_PREVIOUS", "What ENCRYPTION_KEY was, until keys rotate has wrapped everything under the new one", "the output of: openssl rand -hex 32", IsSecret: true);

    public static readonly SettingName EncryptionKeyFolder = new(
        "ENCRYPTION_KEY_DIR", "In place of ENCRYPTION_KEY: a folder with such keys, each twice, that all nodes share; without a database elsewhere it is era-keys in the data folder", "/run/eventfiles/era-keys");

    public static readonly SettingName Compression = new(
        "COMPRESSION", "Whether content that becomes smaller is compressed in the store: on or off. What is compressed is read in any case", "off", "on");

    public static readonly SettingName TrustedProxies = new(
        "TRUSTED_PROXIES", "Proxies that are believed whom a request comes from, by which scheme and under which name: addresses and networks, with commas between them", "10.0.0.2,10.1.0.0/16");

    public static readonly SettingName CrossOrigins = new(
        "CORS_ORIGINS", "Origins whose pages may use the API, with tokens of their own: with commas between them, or * for all", "https://app.example.org");

    public static readonly SettingName ClamAv = new(
        "CLAMAV_URL", "clamd, which looks for viruses; without it nothing is scanned", "tcp://clamav:3310");

    public static readonly SettingName Scanning = new(
        "SCAN_POLICY", "off: nothing is scanned; warn: what is infected is closed; require: nobody but the owner opens what was not found clean. With CLAMAV_URL it is warn", "require");

    public static readonly SettingName SearchLanguage = new(
        "SEARCH_LANGUAGE", "Whose endings search leaves out: a text search configuration of PostgreSQL; simple leaves words as they are", "german", "simple");

    public static readonly SettingName Smtp = new(
        "SMTP_URL", "The mail server that letters to accounts are sent by: smtps:// for TLS, smtp:// for STARTTLS, with ?tls=off for neither; without it an operator prints their links", "smtp://eventfiles:PASSWORD@mail:587", IsSecret: true);

    public static readonly SettingName MailFrom = new(
        "MAIL_FROM", "Whom letters are from", "EventFiles <files@example.org>");

    public static readonly SettingName PublicUrl = new(
        "PUBLIC_URL", "Where people find this server, for the links in letters and for passkeys", "https://files.example.org");

    public static readonly SettingName Registration = new(
        "REGISTRATION", "Who may open an account: open (everybody), verified (and the mail address is proved first), invited or closed", "invited", "open");

    public static readonly SettingName SecondFactor = new(
        "SECOND_FACTOR", "Who needs a second factor to sign in: optional (who wants), administrators or required (all)", "administrators", "optional");

    public static readonly SettingName OidcIssuer = new(
        "OIDC_ISSUER", "An OpenID Connect provider that people may sign in at; its callback is PUBLIC_URL/api/auth/provider/callback", "https://accounts.google.com");

    public static readonly SettingName OidcName = new("OIDC_NAME", "What people call that provider; without it, its host's name", "Google");

    public static readonly SettingName OidcClient = new("OIDC_CLIENT_ID", "What that provider calls this server", "eventfiles");

    public static readonly SettingName OidcSecret = new(
        "OIDC_CLIENT_SECRET", "The secret that this server proves itself with to that provider", "40 random characters", IsSecret: true);

    public static readonly SettingName LimitPerAccount = new(
        "LIMIT_PER_ACCOUNT", "How many requests of one account are answered a minute; 0 for any number", "6000", "0");

    public static readonly SettingName LimitPerAddress = new(
        "LIMIT_PER_ADDRESS", "How many requests without a sign-in are answered a minute from one network address; 0 for any number", "1200", "0");

    public static readonly SettingName LimitPerLink = new(
        "LIMIT_PER_LINK", "How many requests for one public link are answered a minute; 0 for any number", "1200", "0");

    public static readonly SettingName LimitSignUps = new(
        "LIMIT_SIGN_UPS", "How many accounts are opened an hour from one network address; 0 for any number", "30", "0");

    public static readonly SettingName WorkerConcurrency = new(
        "WORKER_CONCURRENCY", "How much work of one kind this node does at once", "4");

    public static readonly SettingName JobTimeout = new(
        "JOB_TIMEOUT", "How long making one picture may take", "30s", "10s");

    public static readonly SettingName MaxRetries = new(
        "MAX_RETRIES", "How often work that failed is tried again", "5");

    public static readonly SettingName LowestLevel = new(
        "LOG_LEVEL", "From which level on to log: trace, debug, information, warning, error, critical or none", "warning", "information");

    /// <summary>What the scripts in eng say of themselves: the folder <c>data</c> is to lie beside them.</summary>
    public const string Home = "EVENTFILES_HOME";

    /// <summary>In the order in which people read them.</summary>
    public static readonly IReadOnlyList<SettingName> All =
    [
        NodeRole, Urls, Data, Database, DatabaseOwner, DatabaseConnections, StartTimeout, Redis, RabbitMq, RabbitMqManagement,
        S3Endpoint, S3Region, S3Bucket, S3AccessKey, S3SecretKey, S3ForcePathStyle, S3Prefix,
        S3CreateBucket, S3Authorities, S3PresignedReads, S3PublicEndpoint, DirectUploads, JwtSecret, OtherJwtSecret,
        LogKeySecret, LogOrigin, LogWitnesses,
        Encryption, EncryptionKey, PreviousEncryptionKey, EncryptionKeyFolder, Compression,
        CrossOrigins, Smtp, MailFrom, PublicUrl, Registration, SecondFactor, OidcIssuer, OidcName, OidcClient, OidcSecret, LimitPerAccount,
        LimitPerAddress, LimitPerLink, LimitSignUps, ClamAv, Scanning, SearchLanguage, WorkerConcurrency, JobTimeout, MaxRetries, LowestLevel,
    ];

    /// <summary>Names that MinIO's users know, and what they stand for.</summary>
    public static readonly IReadOnlyDictionary<string, SettingName> Aliases = new Dictionary<string, SettingName>(StringComparer.Ordinal)
    {
        ["MINIO_ENDPOINT"] = S3Endpoint,
        ["MINIO_ACCESS_KEY"] = S3AccessKey,
        ["MINIO_SECRET_KEY"] = S3SecretKey,
        ["MINIO_BUCKET"] = S3Bucket,
    };

    /// <summary>What scripts, tests and the client of other servers read under our prefix.</summary>
    public static readonly IReadOnlySet<string> OfOthers = new HashSet<string>(StringComparer.Ordinal)
    {
        Home, "EVENTFILES_SERVERS_DIR", "EVENTFILES_LONG", "EVENTFILES_URL", "EVENTFILES_CHROMIUM",
        "EVENTFILES_TOKEN", "EVENTFILES_EMAIL", "EVENTFILES_PASSWORD",
    };

    /// <summary>Every name that means something here.</summary>
    public static IEnumerable<string> Known => [.. All.Select(one => one.Name), .. Aliases.Keys, MinioUseSsl.Name, .. OfOthers];

    /// <summary>The known name that was probably meant; null when none is near.</summary>
    public static string? Near(string name)
    {
        var nearest = Known.MinBy(known => Distance(name, known))!;
        return Distance(name, nearest) <= 2 ? nearest : null;
    }

    // Levenshtein's: how many letters must be changed, added or left out.
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var changed = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[other.Length];
    }
}
