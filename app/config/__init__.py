"""Settings: one frozen object, read once from the environment and `.env`, passed to everybody."""

from app.config.groups import BalancerSettings as BalancerSettings
from app.config.groups import CacheSettings as CacheSettings
from app.config.groups import CapSettings as CapSettings
from app.config.groups import DrainSettings as DrainSettings
from app.config.groups import FetchSettings as FetchSettings
from app.config.groups import FleetSettings as FleetSettings
from app.config.groups import Group as Group
from app.config.groups import JobSettings as JobSettings
from app.config.groups import LimitSettings as LimitSettings
from app.config.groups import LogSettings as LogSettings
from app.config.groups import MediaSettings as MediaSettings
from app.config.groups import ModelSettings as ModelSettings
from app.config.groups import PriceSettings as PriceSettings
from app.config.groups import PublishingSettings as PublishingSettings
from app.config.groups import SeoSettings as SeoSettings
from app.config.groups import SessionSettings as SessionSettings
from app.config.groups import SiteSettings as SiteSettings
from app.config.groups import WritingSettings as WritingSettings
from app.config.reading import BadSettings as BadSettings
from app.config.reading import get_settings as get_settings
from app.config.reading import load_settings as load_settings
from app.config.reading import setting_names as setting_names
from app.config.reading import unknown_keys as unknown_keys
from app.config.settings import Settings as Settings
