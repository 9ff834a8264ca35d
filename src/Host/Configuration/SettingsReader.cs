using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using EventFiles.Infrastructure;
using EventFiles.Infrastructure.Scanning;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Transparency;
using static EventFiles.Host.Configuration.SettingNames;

namespace EventFiles.Host.Configuration;

/// <summary>Makes settings of what is stated, and a list of all that is wrong with it.</summary>
internal sealed class SettingsReader
{
    // The text search configurations that every PostgreSQL from 13 on has.
    private static readonly string[] Languages =
    [
        "simple", "arabic", "danish", "dutch", "english", "finnish", "french", "german", "greek", "hungarian", "indonesian", "irish",
        "italian", "lithuanian", "nepali", "norwegian", "portuguese", "romanian", "russian", "spanish", "swedish", "tamil", "turkish",
    ];

    private readonly SettingSources sources;
    private readonly List<string> mistakes;

    private SettingsReader(SettingSources sources)
    {
        this.sources = sources;
        mistakes = [.. sources.Mistakes];
    }

    /// <summary>For a node that is about to start: everything must be right.</summary>
    /// <exception cref="SettingsException">Every mistake there is.</exception>
    public static Settings Read(SettingSources sources)
    {
        var reader = new SettingsReader(sources);
        var read = reader.All();
        reader.CheckTogether(read);
        return reader.mistakes.Count == 0 ? read : throw new SettingsException(reader.mistakes);
    }

    /// <summary>For a command, which needs to reach things and starts no node.</summary>
    /// <exception cref="SettingsException">Every mistake there is.</exception>
    public static Settings ReadForCommand(SettingSources sources)
    {
        var reader = new SettingsReader(sources);
        var read = reader.All();
        return reader.mistakes.Count == 0 ? read : throw new SettingsException(reader.mistakes);
    }

    private Settings All()
    {
        var servers = new ServerReader(sources, mistakes);
        var accounts = new AccountsReader(sources, mistakes);
        var isDirect = OnOrOff(DirectUploads);
        return new Settings
        {
            Role = ReadRole(),
            Urls = Text(Urls),
            DataFolder = sources[Data.Name]?.Value ?? Path.Combine(sources[Home]?.Value ?? "", Data.Default!),
            Database = servers.Database(Database),
            DatabaseOwner = servers.Database(DatabaseOwner),
            StartTimeout = Duration(StartTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) ?? TimeSpan.FromSeconds(60),
            Redis = servers.Redis(),
            RabbitMq = servers.RabbitMq(),
            RabbitMqManagement = servers.RabbitMqManagement(),
            S3 = servers.S3(isDirect),
            TakesDirectUploads = isDirect,
            Secrets = [.. Secret(JwtSecret), .. Secret(OtherJwtSecret)],
            LogSecret = Secret(LogKeySecret).FirstOrDefault(),
            LogOrigin = ReadLogOrigin(),
            LogWitnesses = [.. ReadWitnesses()],
            IsEncrypting = OnOrOff(Encryption),
            IsCompressing = OnOrOff(Compression),
            EncryptionSecrets = [.. Secret(EncryptionKey), .. Secret(PreviousEncryptionKey)],
            EncryptionKeyFolder = sources[EncryptionKeyFolder.Name]?.Value,
            TrustedProxies = [.. ReadProxies()],
            CrossOrigins = [.. ReadOrigins()],
            ClamAv = ReadScanner(),
            ScanPolicy = ReadScanPolicy(),
            SearchLanguage = ReadLanguage(),
            Mail = accounts.Mail(),
            Provider = accounts.Provider(),
            Accounts = accounts.Options() with { SignUpsPerHour = Limit(LimitSignUps) },
            Limits = new()
            {
                PerAccount = Limit(LimitPerAccount),
                PerAddress = Limit(LimitPerAddress),
                PerLink = Limit(LimitPerLink),
            },
            WorkerConcurrency = Number(WorkerConcurrency, 1, 256),
            JobTimeout = Duration(JobTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(4)),
            MaxRetries = Number(MaxRetries, 0, 100),
            LogLevel = ReadLogLevel(),
            Others = sources.Others.ToDictionary(StringComparer.OrdinalIgnoreCase),
        };
    }

    // What belongs together is there together.
    private void CheckTogether(Settings read)
    {
        bool Said(SettingName name) =>
            sources[name.Name] is not null || Aliases.Any(one => one.Value == name && sources[one.Key] is not null);
        var shared = new[] { Redis, RabbitMq, S3Endpoint };
        var unused = shared.Append(DatabaseOwner).Where(Said).Select(one => one.Name).ToList();
        if (!Said(Database) && read.Role != Role.All)
        {
            Add(Database, $"it is missing, and a node of the role {Roles.Name(read.Role)} shares everything with others.");
        }
        else if (!Said(Database) && unused.Count > 0)
        {
            Add(Database, $"it is missing, and without it {string.Join(", ", unused)} would not be used: the program would run a PostgreSQL of its own.");
        }

        if (read.Role != Role.All)
        {
            foreach (var missing in shared.Where(one => !Said(one)))
                Add(missing, $"it is missing, and a node of the role {Roles.Name(read.Role)} shares everything with others.");
        }

        if (Said(Database) && !Said(JwtSecret))
            Add(JwtSecret, "it is missing. All nodes make their keys of it, so that each knows the tokens of the others.");
        if (Said(Database) && read.IsEncrypting && !Said(EncryptionKey) && !Said(EncryptionKeyFolder))
            Add(EncryptionKey, "it is missing. Content is encrypted with a key that all nodes make of it; keep it as well as the content, or say ENCRYPTION=off.");
        if (Said(EncryptionKey) && Said(EncryptionKeyFolder))
            Add(EncryptionKey, "ENCRYPTION_KEY_DIR is there too. Leave one of the two.");
        if (Said(PreviousEncryptionKey) && !Said(EncryptionKey))
            Add(PreviousEncryptionKey, "it says nothing without ENCRYPTION_KEY.");
        if (read is { IsEncrypting: true, S3.PresignedReads: true })
            Add(S3PresignedReads, "readers would be sent to encrypted bytes. Leave it, or say ENCRYPTION=off.");
        if (read is { IsEncrypting: true, S3.DirectUploads: true })
            Add(DirectUploads, "what clients bring to the S3 server themselves would lie there in plain. Leave it, or say ENCRYPTION=off.");
        if (read.ScanPolicy != ScanPolicy.Off && !Said(ClamAv))
            Add(Scanning, "nobody scans without CLAMAV_URL.");
        if (Said(OtherJwtSecret) && !Said(JwtSecret))
            Add(OtherJwtSecret, "it says nothing without JWT_SECRET.");
    }

    private Role ReadRole()
    {
        var text = Text(NodeRole);
        if (!text.Contains(',', StringComparison.Ordinal) && !char.IsAsciiDigit(text[0]) && Enum.TryParse<Role>(text, ignoreCase: true, out var role))
            return role;
        Add(NodeRole, $"{text} is no role. There are api, worker and all.");
        return Role.All;
    }

    // A name in a signed note: with a space or a plus sign in it, its keys and signatures could not be told apart.
    private string? ReadLogOrigin()
    {
        if (sources[LogOrigin.Name] is not { Value: var name })
            return null;
        if (name.Length > 200 || name.Any(letter => letter is <= ' ' or '+' or > '~'))
            Add(LogOrigin, "it consists of visible letters of ASCII, without a plus sign.");
        return name;
    }

    private IEnumerable<LogWitness> ReadWitnesses()
    {
        foreach (var text in (sources[LogWitnesses.Name]?.Value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (LogWitness.Read(text) is { } witness)
                yield return witness;
            else
                Add(LogWitnesses, $"{text} is no key of a witness with its address.");
        }
    }

    private bool OnOrOff(SettingName name)
    {
        var text = Text(name).ToLowerInvariant();
        if (text is not ("on" or "off"))
            Add(name, $"{text} is neither on nor off.");
        return text == "on" || (text != "off" && name.Default == "on");
    }

    private ClamAvAddress? ReadScanner()
    {
        if (sources[ClamAv.Name] is not { Value: var text })
            return null;
        if (!ClamAvAddress.TryParse(text, out var address, out var wrong))
            Add(ClamAv, wrong);
        return address;
    }

    private ScanPolicy ReadScanPolicy()
    {
        if (sources[Scanning.Name] is not { Value: var text })
            return sources[ClamAv.Name] is null ? ScanPolicy.Off : ScanPolicy.Warn;
        if (!char.IsAsciiDigit(text[0]) && !text.Contains(',', StringComparison.Ordinal) && Enum.TryParse<ScanPolicy>(text, ignoreCase: true, out var policy))
            return policy;
        Add(Scanning, $"{text} is no policy. There are off, warn and require.");
        return ScanPolicy.Off;
    }

    private string ReadLanguage()
    {
        var text = Text(SettingNames.SearchLanguage).ToLowerInvariant();
        if (!Languages.Contains(text))
            Add(SettingNames.SearchLanguage, $"{text} is none of {string.Join(", ", Languages)}.");
        return text;
    }

    private LogLevel ReadLogLevel()
    {
        var text = Text(LowestLevel).ToLowerInvariant() switch { "info" => "information", "warn" => "warning", "fatal" => "critical", var word => word };
        if (!char.IsAsciiDigit(text[0]) && Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level))
            return level;
        Add(LowestLevel, $"{text} is no level.");
        return LogLevel.Information;
    }

    private IEnumerable<SharedSecret> Secret(SettingName name)
    {
        if (sources[name.Name] is not { Value: var value })
            return [];
        // Embedded, nobody uses it: it may be another program's.
        if (sources[Database.Name] is null)
            return [];
        if (Credentials.WrongSecret(value) is not { } wrong)
            return [new SharedSecret(value)];
        Add(name, wrong + ".");
        return [];
    }

    private IEnumerable<IPNetwork> ReadProxies()
    {
        foreach (var text in (sources[TrustedProxies.Name]?.Value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(text, out var network))
                yield return network;
            // A bare number is an address to the platform, and a slip of the pen to people.
            else if (IPAddress.TryParse(text, out var address) && text.AsSpan().ContainsAny('.', ':'))
                yield return new IPNetwork(address, address.GetAddressBytes().Length * 8);
            else
                Add(TrustedProxies, $"{text} is no address and no network.");
        }
    }

    // As browsers say them: scheme, host and port, and no path.
    private IEnumerable<string> ReadOrigins()
    {
        var texts = (sources[CrossOrigins.Name]?.Value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var text in texts)
        {
            if (text == "*" ? texts.Length == 1 : Uri.TryCreate(text, UriKind.Absolute, out var origin)
                && origin.Scheme is "http" or "https" && text.TrimEnd('/') == origin.GetLeftPart(UriPartial.Authority))
                yield return text.TrimEnd('/');
            else
                Add(CrossOrigins, text == "*" ? "* stands alone or not at all." : $"{text} is no origin.");
        }
    }

    private string Text(SettingName name) => sources[name.Name]?.Value ?? name.Default!;

    private int? Number(SettingName name, int least, int most)
    {
        if (sources[name.Name] is not { Value: var text })
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Add(name, FormattableString.Invariant($"{text} is no whole number from {least} to {most}."));
        return null;
    }

    private int? Limit(SettingName name) => Number(name, 0, 1_000_000) is { } most and > 0 ? most : null;

    private TimeSpan? Duration(SettingName name, TimeSpan least, TimeSpan most)
    {
        if (sources[name.Name] is not { Value: var text })
            return null;
        if (TryReadDuration(text) is { } span && span >= least && span <= most)
            return span;
        Add(name, FormattableString.Invariant($"{text} is no time from {least.TotalSeconds:0} s to {most.TotalSeconds:0} s, in seconds or with a unit: 30, 30s, 2m, 500ms."));
        return null;
    }

    private static TimeSpan? TryReadDuration(string text)
    {
        var digits = text.TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.').Count();
        if (!double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1e9)
        {
            return null;
        }

        return text[digits..].Trim() switch
        {
            "" or "s" => TimeSpan.FromSeconds(number),
            "ms" => TimeSpan.FromMilliseconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            _ => null,
        };
    }

    private void Add(SettingName name, string wrong) => mistakes.Add(Mistake(name, sources[name.Name], wrong));

    /// <summary>A mistake as people read it: the name, where it stands, what is wrong, how it would be right.</summary>
    public static string Mistake(SettingName name, [AllowNull] Stated stated, string wrong) =>
        $"{name.Name}{(stated is null ? "" : $" ({stated.Where})")}: {wrong} Example: {name.Name}={name.Example}";
}
