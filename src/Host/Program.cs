using EventFiles.Features.Accounts;
using EventFiles.Features.Audit;
using EventFiles.Features.Bulk;
using EventFiles.Features.Copy;
using EventFiles.Features.Delete;
using EventFiles.Features.Erasure;
using EventFiles.Features.Export;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Groups;
using EventFiles.Features.Handover;
using EventFiles.Features.Hold;
using EventFiles.Features.Marks;
using EventFiles.Features.Operate;
using EventFiles.Features.Process;
using EventFiles.Features.Prove;
using EventFiles.Features.Quota;
using EventFiles.Features.Retention;
using EventFiles.Features.Scan;
using EventFiles.Features.Search;
using EventFiles.Features.Share;
using EventFiles.Features.Sync;
using EventFiles.Features.Upload;
using EventFiles.Features.Zip;
using EventFiles.Host;
using EventFiles.Host.Commands;
using EventFiles.Infrastructure.Auditing;
using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.Compression;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Lag;
using EventFiles.Infrastructure.Limits;
using EventFiles.Infrastructure.Live;
using EventFiles.Infrastructure.Mail;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.Past;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.QrCodes;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Scanning;
using EventFiles.Infrastructure.Search;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Transparency;
using EventFiles.Infrastructure.Tries;

// The same program again, small and caged: it decodes pictures for the server and dies with it.
if (args is ["child", "pictures"])
    return PictureChild.Run(Console.OpenStandardInput(), Console.OpenStandardOutput());

var product = new Product(
    Slices: new Slices([
        AccountsSlice.Define(), FoldersSlice.Define(), UploadSlice.Define(), FilesSlice.Define(),
        ProcessSlice.Define(), ScanSlice.Define(),
        GroupsSlice.Define(), ShareSlice.Define(), HandoverSlice.Define(),
        DeleteSlice.Define(), CopySlice.Define(), BulkSlice.Define(), ZipSlice.Define(), MarksSlice.Define(), SearchSlice.Define(), SyncSlice.Define(),
        QuotaSlice.Define(), HoldSlice.Define(), RetentionSlice.Define(), ExportSlice.Define(), ErasureSlice.Define(),
        AuditSlice.Define(), ProveSlice.Define(), OperateSlice.Define(),
    ]),
    Adapters: new()
    {
        Log = (all, on) => all.AddPipeline().AddIdempotency().AddEventStore(on.Database).AddPast().AddLive().AddLag().AddAuditing()
            .AddTransparency(() => on.Settings.LogKey(mayMake: !on.IsGuest), on.Settings.LogWitnesses),
        Objects = (all, on) => (on.Settings.S3 is { } s3 ? all.AddS3Objects(s3) : all.AddDirectoryObjects(on.ObjectsFolder, on.IsGuest, on.Settings.TakesDirectUploads))
            .AddEncryption(on.Settings.EraKeys(mayMake: !on.IsGuest), on.Settings.IsEncrypting).AddCompression(on.Settings.IsCompressing),
        Views = (all, on) => (on.Settings.Redis is { } redis
            ? all.AddRedisReadModels(redis.OriginalString, on.KeyPrefix).AddRedisTries(on.Settings.Secrets, on.KeyPrefix).AddRedisLimits(on.Settings.Secrets, on.KeyPrefix)
            : all.AddMemoryReadModels().AddMemoryTries().AddMemoryLimits()).AddPostgresSearch(on.Settings.SearchLanguage),
        Work = (all, on) => on.Settings.RabbitMq is { } broker
            ? all.AddRabbitMessaging(broker.OriginalString, on.Settings.Messaging) : all.AddInProcessMessaging(on.Settings.Messaging),
        Children = (all, on) => all.AddChildren(on.Settings.Limit(ChildOptions.OfThisProgram("child", "pictures"))),
        Scanner = (all, on) => on.Settings.ClamAv is { } clamd ? all.AddClamAv(new ClamAvSettings(clamd), on.Settings.ScanPolicy) : all,
        Keys = (all, on) => on.KeysFolder is { } folder ? all.AddSecurity(folder) : all.AddSecurity(on.Settings.Secrets),
        Letters = (all, on) => all.AddMail(on.Settings.Mail).AddQrCodes().AddProvider(on.Settings.Provider).AddSingleton(on.Settings.Accounts),
    });

return await CommandLine.Run(product, args);
